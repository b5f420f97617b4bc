/** One figure of a part of the request path. */
export interface MicroResult {
  readonly name: string
  /** Of the best run; everything else on the machine can only make the others slower. */
  readonly nanos: number
  /** What it must not exceed, if there is such a bar. */
  readonly bar?: number
}
