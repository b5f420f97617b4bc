import type { Deadlines } from '../deadlines.ts'
import type { HeadPool } from '../head/head-pool.ts'
import type { Io } from '../io.ts'
import type { Http1Limits } from '../limits.ts'

/** How an upstream is treated. Times in milliseconds; 0 means without a bound. */
export interface UpstreamSettings {
  /** To connect, and to wait for a connection if there may be no more of them. */
  readonly connectTimeoutMs: number
  /** From the last byte of the request to the response head. */
  readonly responseTimeoutMs: number
  /** Without a byte of a body moving. */
  readonly idleTimeoutMs: number
  /** From the begin of the attempt to the end of the response. */
  readonly totalTimeoutMs: number
  /** Connections at once; 0 means without a bound. */
  readonly maxConnections: number
  /** Requests that may wait for a connection. */
  readonly maxWaiting: number
  /** Send the client's host; else that of the endpoint. */
  readonly passHostHeader: boolean
}

/** What all pools of a process share. */
export interface ClientEnvironment {
  readonly limits: Http1Limits
  readonly deadlines: Deadlines
  readonly heads: HeadPool
  readonly io: Io
}
