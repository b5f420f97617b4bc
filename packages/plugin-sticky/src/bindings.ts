import type { Endpoint } from '@gatewright/kernel'

/** What is known of the client of one exchange, through all of its tries. */
export class Visit {
  /** Of its session, if there are such. */
  id: string | undefined
  /** The server that it is bound to. */
  readonly endpoint: Endpoint | undefined
  /** Whether the client must get the cookie even if it stays where it is. */
  due: boolean
  /** Whether its server is only busy, so that it goes to another one just this once. */
  elsewhere = false
  /** Whether nobody else may have it, while its server is not available. */
  refused = false

  constructor(id?: string, endpoint?: Endpoint, due = false) {
    this.id = id
    this.endpoint = endpoint
    this.due = due
  }
}

/** What the values of cookies mean. */
export interface Bindings {
  /** `undefined` if the value is none that a gateway made for this service. */
  read(value: string): Visit | undefined
  /** Binds a client. The value that its cookie must have; `undefined` if that is no server of the pool. */
  bind(visit: Visit, endpoint: Endpoint): string | undefined
}
