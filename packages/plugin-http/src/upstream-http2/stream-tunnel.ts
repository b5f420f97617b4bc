import {
  type Attempt,
  asGatewayError,
  type BodySource,
  type UpgradedStream,
} from '@gatewright/kernel'
import type { Http2Stream, StreamFailure } from './engine.ts'
import { StreamBody, type StreamBodyHost } from './stream-body.ts'
import { streamError } from './stream-errors.ts'
import { Upload, type UploadHost } from './upload.ts'

/** A stream that has switched to another protocol (RFC 8441). Each direction ends by itself. */
export class StreamTunnel implements UpgradedStream, UploadHost, StreamBodyHost {
  readonly source: StreamBody
  readonly #stream: Http2Stream
  readonly #attempt: Attempt
  readonly #endpoint: string
  #upload: Upload | undefined = undefined
  /** The server has said everything. */
  #ended = false
  #closed = false

  constructor(stream: Http2Stream, attempt: Attempt, endpoint: string) {
    this.#stream = stream
    this.#attempt = attempt
    this.#endpoint = endpoint
    this.source = new StreamBody(stream, undefined, this)
  }

  connect(client: BodySource): void {
    if (this.#closed) return client.cancel()
    const upload = new Upload(client)
    this.#upload = upload
    upload.settle()
    upload.sendOn(this.#stream, this)
  }

  destroy(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#stream.cancel()
    this.#upload?.cancel(error)
    this.source.fail(error)
  }

  onData(bytes: Uint8Array): void {
    this.source.take(bytes)
  }

  onEnd(): void {
    this.#ended = true
    this.source.end(undefined)
  }

  onWritable(): void {
    this.#upload?.onWritable()
  }

  onFailure(failure: StreamFailure): void {
    if (this.#closed) return
    this.#closed = true
    // It may ask for no more then (RFC 9113 section 8.1).
    if (this.#ended && failure.code === 0) return this.#upload?.cancel(undefined)
    const error = streamError(this.#endpoint, failure)
    this.#attempt.break(error)
    this.#upload?.cancel(error)
    this.source.fail(error)
  }

  onUploaded(): void {
    // How long it may be silent is not the transport's affair.
  }

  onUploadFailed(error: unknown): void {
    this.destroy(asGatewayError(error))
  }

  onBodyAwaited(): void {
    // As above.
  }

  onBodyCancelled(): void {
    this.destroy()
  }
}
