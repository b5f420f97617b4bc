import { UpstreamCall } from '@gatewright/http1'
import type { GatewayError } from '@gatewright/kernel'
import type { StreamInit } from './engine.ts'
import type { Upload } from './upload.ts'
import type { UpstreamSession } from './upstream-session.ts'

/** An attempt that becomes a stream of HTTP/2. */
export class Http2Call extends UpstreamCall {
  /** How its stream begins, once that was made from the request. */
  init: StreamInit | undefined = undefined
  /** The body of its request, once it was taken out of the message. */
  upload: Upload | undefined = undefined
  /** The session that did not take it. */
  avoided: UpstreamSession | undefined = undefined

  /** Nobody will send the rest of the request. */
  override reject(error: GatewayError): void {
    this.upload?.cancel(error)
    super.reject(error)
  }
}
