/**
 * A response whose body nobody has read yet.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { Body, BodySource } from './body.ts'
import type { GatewayError } from './gateway-error.ts'
import { HeaderList } from './headers.ts'
import { Message } from './message.ts'

/** What a response is made of. */
export interface GatewayResponseInit {
  readonly status: number
  readonly headers?: HeaderList
  readonly body?: Body | BodySource
  readonly trailers?: PromiseLike<HeaderList>
  readonly upgrade?: Duplex
  readonly error?: GatewayError
}

/** Response head and unread body. Nothing has been sent while a middleware can see it. */
export class GatewayResponse extends Message {
  status: number
  headers: HeaderList
  /** The connection of a 101 response or of a successful CONNECT. */
  readonly upgrade: Duplex | undefined
  /** Set when the gateway made this response because something failed. */
  readonly error: GatewayError | undefined

  constructor(init: GatewayResponseInit) {
    super(init.body ?? null, init.trailers)
    this.status = init.status
    this.headers = init.headers ?? new HeaderList()
    this.upgrade = init.upgrade
    this.error = init.error
  }
}
