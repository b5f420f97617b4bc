import type { GatewayResponse, HeaderList } from '@gatewright/kernel'
import { Framing } from '../body/framing.ts'
import { composeResponse } from '../compose/compose.ts'
import { ResponsePlan } from '../compose/plan.ts'
import type { Head } from '../head/head.ts'
import { MessageWriter, type WriterHost } from '../message-writer.ts'
import { Method } from '../syntax/methods.ts'
import type { Wire } from '../wire/wire.ts'
import { writeHead } from '../wire/write-head.ts'

const continueHead = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
/** Used for one head after the other; nothing keeps it. */
const plan = new ResponsePlan()

/** Writes the responses of one connection. */
export class ResponseWriter {
  readonly #wire: Wire
  readonly #host: WriterHost
  readonly #body: MessageWriter
  #begun = false

  constructor(wire: Wire, host: WriterHost) {
    this.#wire = wire
    this.#host = host
    this.#body = new MessageWriter(wire, host)
  }

  /** True once the final response to the present request was begun. */
  get begun(): boolean {
    return this.#begun
  }

  /** Another request was read. */
  reset(): void {
    this.#begun = false
  }

  /** Tells the client to go on with its body (RFC 9110 section 10.1.1). */
  continue(): void {
    this.#wire.write(continueHead, 0, continueHead.length)
  }

  /** Writes a 1xx head. */
  inform(status: number, headers: HeaderList): void {
    if (this.#begun) return
    this.#plan(status, headers)
    plan.framing = Framing.none
    writeHead(this.#wire, plan, composeResponse)
  }

  /**
   * Writes the final response to the request of `head`. @param closes Whether the connection ends
   * with it.
   */
  respond(response: GatewayResponse, head: Head, closes: boolean): void {
    this.#begun = true
    const { status, hasBody } = response
    const length = response.bodyLength
    const bodiless = head.method === Method.head || status === 204 || status === 304
    const closeDelimited = !bodiless && length === undefined && head.minor === 0
    this.#plan(status, response.headers)
    if (closes || closeDelimited) plan.connection = 'close'
    else if (head.minor === 0) plan.connection = 'keep-alive'
    plan.framing = framingOf(response, bodiless, closeDelimited)
    const wire = this.#wire
    wire.cork()
    try {
      writeHead(wire, plan, composeResponse)
    } catch {
      // A field that cannot be sent must not take the connection's next response with it.
      response.discard()
      wire.reset()
      return
    }
    if (bodiless || !hasBody) {
      response.discard()
      wire.uncork()
      return this.#host.onWritten()
    }
    const source = response.takeBody()
    if (source !== undefined) {
      const framing = length === undefined ? (closeDelimited ? 'close' : 'chunked') : 'length'
      this.#body.start(source, framing, length ?? 0)
    }
    wire.uncork()
  }

  onWritable(): void {
    this.#body.onWritable()
  }

  /** The client is gone. */
  cancel(error: unknown): void {
    this.#body.cancel(error)
  }

  #plan(status: number, headers: HeaderList): void {
    plan.head = undefined
    plan.fields = headers
    plan.block = undefined
    plan.dropped = 0
    plan.upgrade = false
    plan.connection = undefined
    plan.status = status
  }
}

function framingOf(response: GatewayResponse, bodiless: boolean, closeDelimited: boolean): number {
  const length = response.bodyLength
  if (response.status === 204) return Framing.none
  if (bodiless) {
    // What the upstream said of the body that it left out, or the length of one of ours.
    return response.hasBody && length !== undefined ? length : Framing.omitted
  }
  if (closeDelimited) return Framing.untilClose
  return length ?? Framing.chunked
}
