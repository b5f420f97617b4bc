/** How requests share connections to an upstream. */
export interface PipelineSettings {
  /** Connections that take requests at once. */
  readonly connections: number
  /** Unanswered requests on one of them. */
  readonly depth: number
  /** Nothing is queued behind a request that has waited for longer than this, in milliseconds. */
  readonly headOfLineMs: number
}
