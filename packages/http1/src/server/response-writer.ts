import type { GatewayResponse, HeaderList } from '@gatewright/kernel'
import { type BodyFraming, Framing } from '../body/framing.ts'
import { composeResponse } from '../compose/compose.ts'
import { ResponsePlan } from '../compose/plan.ts'
import type { Head } from '../head/head.ts'
import type { HeadPool } from '../head/head-pool.ts'
import { MessageWriter, type WriterHost } from '../message-writer.ts'
import type { Wire } from '../wire/wire.ts'
import { writeHead } from '../wire/write-head.ts'
import { errors } from './errors.ts'
import { fieldsToSend, isBodiless, receivedHeadOf } from './response-head.ts'

const continueHead = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
/** Used for one head after the other; nothing keeps it. */
const plan = new ResponsePlan()

/** Writes the responses of one connection. */
export class ResponseWriter {
  readonly #wire: Wire
  readonly #host: WriterHost
  readonly #heads: HeadPool
  readonly #body: MessageWriter
  #begun = false
  #writtenBefore = 0
  /** Of the response that is sent, if an upstream gave it. */
  #received: Head | undefined = undefined
  /** Of that head when it was taken: a plugin may give the fields of one response to another. */
  #generation = 0

  constructor(wire: Wire, host: WriterHost, heads: HeadPool) {
    this.#wire = wire
    this.#host = host
    this.#heads = heads
    this.#body = new MessageWriter(wire, host)
  }

  /** True once the final response to the present request was begun. */
  get begun(): boolean {
    return this.#begun
  }

  /** Bytes of response bodies so far. */
  get written(): number {
    return this.#body.written
  }

  /** The same of the present response. */
  get sent(): number {
    return this.#body.written - this.#writtenBefore
  }

  /** Another request was read. */
  reset(): void {
    this.#begun = false
    this.#writtenBefore = this.#body.written
  }

  /** Tells the client to go on with its body (RFC 9110 section 10.1.1). */
  continue(): void {
    this.#wire.write(continueHead, 0, continueHead.length)
  }

  /** Writes a 1xx head. One for which the client has no room is left out; it is a courtesy. */
  inform(status: number, headers: HeaderList): void {
    if (this.#begun || this.#wire.blocked || !isInterim(status)) return
    setPlan(status, undefined, headers, Framing.none, undefined)
    writeHead(this.#wire, plan, composeResponse)
  }

  /**
   * Writes the final response to the request of `head`. Throws, with nothing written, if its head
   * cannot be sent: GW_INVALID_HEADER, GW_HTTP1_UNSENDABLE_STATUS.
   * @param closes Whether the connection ends with it.
   */
  respond(response: GatewayResponse, framing: BodyFraming, head: Head, closes: boolean): void {
    const { status } = response
    const received = receivedHeadOf(response)
    this.#received = received
    this.#generation = received?.generation ?? 0
    if (!isFinal(status)) throw errors.GW_HTTP1_UNSENDABLE_STATUS({ status })
    const wire = this.#wire
    setPlan(status, received, fieldsToSend(response), framing, connectionOption(head, closes))
    // Must say what would do (RFC 9110 section 15.5.22).
    if (status === 426) plan.upgrade = response.headers.get('upgrade')
    wire.cork()
    try {
      writeHead(wire, plan, composeResponse)
      this.#begun = true
      this.#writeBody(response, framing, head)
    } finally {
      wire.uncork()
    }
  }

  /**
   * Writes the response that switches the connection. Throws, with nothing written, if its head
   * cannot be sent.
   * @param token The protocol that was asked for.
   */
  switch(response: GatewayResponse, token: string | undefined): void {
    const received = receivedHeadOf(response)
    this.#received = received
    this.#generation = received?.generation ?? 0
    const { status, headers } = response
    if (token === undefined || status !== 101) throw errors.GW_HTTP1_UNSENDABLE_STATUS({ status })
    setPlan(status, received, fieldsToSend(response), Framing.none, undefined)
    plan.upgrade = headers.get('upgrade') ?? token
    writeHead(this.#wire, plan, composeResponse)
    this.#begun = true
  }

  onWritable(): void {
    this.#body.onWritable()
  }

  /** Nobody looks at the response any more. */
  release(): void {
    const head = this.#received
    this.#received = undefined
    if (head?.generation === this.#generation) this.#heads.release(head)
  }

  /** The client is gone. */
  cancel(error: unknown): void {
    this.#body.cancel(error)
  }

  #writeBody(response: GatewayResponse, framing: BodyFraming, head: Head): void {
    if (isBodiless(response, head)) response.discard()
    const source = response.takeBody()
    if (source === undefined) this.#host.onWritten()
    else this.#body.start(source, framing, head.acceptsTrailers ? response.headers : undefined)
  }
}

function setPlan(
  status: number,
  head: Head | undefined,
  fields: HeaderList,
  framing: BodyFraming,
  connection: 'close' | 'keep-alive' | undefined,
): void {
  plan.status = status
  plan.head = head
  plan.fields = fields
  plan.framing = framing
  plan.connection = connection
  plan.upgrade = undefined
}

/** What HTTP/1.1 does by itself need not be said (RFC 9112 section 9.3). */
function connectionOption(head: Head, closes: boolean): 'close' | 'keep-alive' | undefined {
  if (closes) return 'close'
  return head.minor === 0 ? 'keep-alive' : undefined
}

function isInterim(status: number): boolean {
  return Number.isInteger(status) && status > 101 && status < 200
}

function isFinal(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}
