/** A pattern that is none, or that is not allowed here. Becomes part of the rule's problem. */
export class PatternError extends Error {
  override readonly name = 'PatternError'

  /** @param offset Where in the pattern, counted from 0. */
  constructor(problem: string, offset: number) {
    super(`${problem} at character ${offset + 1} of the pattern`)
  }
}
