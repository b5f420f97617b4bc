/**
 * A response whose body nobody has read yet.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { Body, BodySource } from './body.ts'
import type { GatewayError } from './gateway-error.ts'
import { type Fields, HeaderList } from './headers.ts'
import { Message } from './message.ts'
import { type UpgradedStream, upgradedStreamOf } from './upgrade.ts'

/** What a response is made of. */
export interface GatewayResponseInit {
  readonly status: number
  readonly headers?: HeaderList | Fields
  readonly body?: Body | BodySource
  readonly trailers?: PromiseLike<HeaderList>
  readonly upgrade?: UpgradedStream | Duplex
  readonly error?: GatewayError
}

/** Response head and unread body. Nothing has been sent while a middleware can see it. */
export class GatewayResponse extends Message {
  status: number
  headers: HeaderList
  /** The connection of a 101 response or of a successful CONNECT; a middleware may wrap it. */
  upgrade: UpgradedStream | undefined
  /** Set when the gateway made this response because something failed. */
  readonly error: GatewayError | undefined

  constructor(init: GatewayResponseInit) {
    super(init.body ?? null, init.trailers)
    this.status = init.status
    this.headers = headersOf(init.headers)
    this.upgrade = init.upgrade && upgradedStreamOf(init.upgrade)
    this.error = init.error
  }

  /** Releases the body, and the connection, of a response that will not be sent. */
  override discard(): void {
    super.discard()
    const { upgrade } = this
    this.upgrade = undefined
    upgrade?.destroy()
  }
}

function headersOf(headers: HeaderList | Fields | undefined): HeaderList {
  if (headers === undefined) return new HeaderList()
  return headers instanceof HeaderList ? headers : HeaderList.from(headers)
}
