import type { IncomingHttpHeaders } from 'node:http'
import type { RunningGateway } from '@gatewright/kernel'

/** One question. */
export interface Asked {
  readonly running: RunningGateway
  readonly headers: IncomingHttpHeaders
  /** What stands behind the path of the endpoint, decoded; `undefined` if there is nothing. */
  readonly name: string | undefined
  /** The URL of a server of the service of that name. */
  readonly server?: string | undefined
  readonly query: URLSearchParams
  readonly body: string
  /** Aborts when the listener is to come to its end. */
  readonly ending: AbortSignal
}
