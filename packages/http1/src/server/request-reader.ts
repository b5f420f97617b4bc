import { GatewayRequest } from '@gatewright/kernel'
import { requestFraming } from '../body/framing.ts'
import { bodyDecoder } from '../body-decoder.ts'
import { Head } from '../head/head.ts'
import type { HeadPool } from '../head/head-pool.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseRequestHead } from '../head/parse.ts'
import type { Http1Limits } from '../limits.ts'
import { type BodyHost, ReceivedBody } from '../received-body.ts'
import { HostMemory } from './host-memory.ts'
import { type UpgradeHost, upgradeToken } from './upgrade-token.ts'
import { WireRequestHead } from './wire-request-head.ts'

/** Of a connection between requests: most of its memory would be a head of its own. */
const noHead = new Head()

/** Reads the requests of one connection, one after the other. */
export class RequestReader {
  /** Of the present request. */
  head: Head = noHead
  /** The protocol that the present request asks for, of those that somebody knows. */
  upgrade: string | undefined = undefined
  /** Of the present request, if it has one. */
  body: ReceivedBody | undefined = undefined
  /** A request was read. */
  served = false
  readonly #limits: Http1Limits
  readonly #heads: HeadPool
  readonly #reader: HeadReader
  readonly #hosts = new HostMemory()

  constructor(limits: Http1Limits, heads: HeadPool) {
    this.#limits = limits
    this.#heads = heads
    this.#reader = new HeadReader(parseRequestHead, limits, limits.requestHeadBytes)
  }

  /** The first byte of a request is there. */
  begin(): void {
    this.head = this.#heads.take()
  }

  /** Takes the bytes of one read; the result is that of {@link HeadReader.read}. */
  readHead(buf: Buffer, start: number, end: number): number {
    const used = this.#reader.read(buf, start, end, this.head)
    if (used > 0) this.#reader.reset()
    return used
  }

  /** A copy of all that was received when a read ends in something that is no head. */
  received(buf: Buffer, start: number, end: number): Buffer {
    const kept = this.head.buf.subarray(0, this.#reader.kept)
    return Buffer.concat([kept, buf.subarray(start, end)])
  }

  /**
   * The request whose head was read. Its body is told what comes behind that head.
   * @param upgrades Knows the protocols that clients may switch to.
   */
  takeRequest(host: BodyHost, upgrades: UpgradeHost): GatewayRequest {
    const { head } = this
    const upgrade = head.upgrade ? upgradeToken(head, upgrades) : undefined
    const framing = requestFraming(head)
    // What follows a head without content that asks for a switch may be another protocol.
    const empty = upgrade !== undefined && framing === 0
    const decoder = empty ? undefined : bodyDecoder(framing, head, this.#limits)
    const body = decoder === undefined ? undefined : new ReceivedBody(decoder, host)
    this.body = body
    this.upgrade = upgrade
    this.served = true
    return new GatewayRequest(new WireRequestHead(head, this.#hosts, upgrade), body ?? null)
  }

  /** Nobody looks at the present request any more. */
  release(): void {
    const { head } = this
    this.head = noHead
    if (head !== noHead) this.#heads.release(head)
  }
}
