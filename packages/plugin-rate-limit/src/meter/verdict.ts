/** What a limiter decided about one request, and what the client may know of it. */
export interface Verdict {
  readonly allowed: boolean
  /** How many requests may come at once. */
  readonly limit: number
  /** How many more may come now. */
  readonly remaining: number
  /** Milliseconds until all of `limit` is there again; `undefined` if nobody can know. */
  readonly resetMs: number | undefined
  /** Milliseconds until a request like this one would be allowed; 0 if it is. */
  readonly retryMs: number
}
