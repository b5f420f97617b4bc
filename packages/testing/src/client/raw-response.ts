import type { HttpVersion, MessageHead, StatusLine } from '../wire/head.ts'
import { ReceivedMessage } from '../wire/received-message.ts'

/** A response head as it reached the client. */
export interface ResponseHead extends MessageHead, StatusLine {}

/** A complete response as it reached the client. */
export class RawResponse extends ReceivedMessage {
  readonly version: HttpVersion
  readonly status: number
  readonly reason: string
  /** Exactly as received, with the empty line. */
  readonly rawHead: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly rawTrailers: readonly string[]
  /** The 1xx responses that came before. */
  readonly interim: readonly ResponseHead[]

  constructor(
    head: ResponseHead,
    body: Buffer,
    rawTrailers: readonly string[],
    interim: readonly ResponseHead[],
  ) {
    super()
    this.version = head.version
    this.status = head.status
    this.reason = head.reason
    this.rawHead = head.rawHead
    this.rawHeaders = head.rawHeaders
    this.body = body
    this.rawTrailers = rawTrailers
    this.interim = interim
  }
}
