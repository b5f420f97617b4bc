/**
 * What a request and a response have in common: how their body may be asked for, changed and sent.
 *
 * @module
 */
import { type Duplex, Readable } from 'node:stream'
import { Completion } from './awaitable.ts'
import {
  type Body,
  type BodySource,
  ignoreErrors,
  isBodySource,
  SourceStream,
  sourceOf,
} from './body.ts'
import {
  LimitedSource,
  ObservedSource,
  TrailerSource,
  TrailingSource,
  TransformedSource,
} from './body-stages.ts'
import { errors } from './errors.ts'
import type { GatewayError } from './gateway-error.ts'
import { HeaderList } from './headers.ts'

/** What a request and a response have in common: header fields, a body, trailers. */
export abstract class Message {
  #content: Body | BodySource
  /** Given by whoever made the message, for a body that brings none of its own. */
  readonly #givenTrailers: PromiseLike<HeaderList> | undefined
  /** Those that the body brings, once somebody asked for them. */
  #seenTrailers: Completion<HeaderList> | undefined = undefined
  /** Streams that were replaced; another body may yet read from them. */
  #replaced: Readable[] | undefined = undefined

  constructor(body: Body | BodySource, trailers: PromiseLike<HeaderList> | undefined) {
    this.#content = body
    this.#givenTrailers = trailers
    contain(body)
    // Rejected trailers of a response that is never sent would end the process.
    trailers?.then(undefined, ignore)
  }

  abstract headers: HeaderList

  /** True if there is a body, even an empty one. Asking does not touch it. */
  get hasBody(): boolean {
    return this.#content !== null
  }

  /** Bytes of the body if that is known before it is read; 0 without a body. Does not touch it. */
  get bodyLength(): number | undefined {
    const content = this.#content
    if (content === null) return 0
    if (typeof content === 'string') return Buffer.byteLength(content)
    if (content instanceof Uint8Array || isBodySource(content)) return content.length
    return undefined
  }

  /**
   * The body. Reading it makes a body that is still on the wire into a `Readable`, which costs
   * copies; {@link Message.observeBody} and {@link Message.transformBody} are cheaper. Whoever
   * consumes the stream must put another body in its place. Assigning gives up a body that nobody
   * has asked for, and removes `content-length`, which the transport writes anew. A stream that is
   * replaced may be read by what takes its place; if nobody does, it is destroyed in the end.
   */
  get body(): Body {
    const content = this.#content
    if (!isBodySource(content)) return content
    const stream: Readable = new SourceStream(content)
    this.#content = stream
    return stream
  }

  set body(body: Body) {
    const previous = this.#content
    if (isBodySource(previous)) previous.cancel()
    else if (previous instanceof Readable && previous !== body) this.#keepReplaced(previous)
    this.#content = body
    contain(body)
    this.headers.delete('content-length')
  }

  /** Trailer fields, after the body has been read (RFC 9110 section 6.5). Does not read it. */
  get trailers(): PromiseLike<HeaderList> {
    const known = this.#givenTrailers ?? this.#seenTrailers
    if (known !== undefined) return known
    const completion = new Completion<HeaderList>()
    const source = sourceOf(this.#content)
    if (source === undefined) completion.resolve(new HeaderList())
    else {
      this.#content = new TrailerSource(source, (outcome) =>
        'error' in outcome
          ? completion.reject(outcome.error)
          : completion.resolve(outcome.trailers ?? new HeaderList()),
      )
    }
    this.#seenTrailers = completion
    return completion
  }

  /**
   * Refuses a body of more than `max` bytes: at once if its length is known, else as soon as the
   * byte above the limit arrives; no byte beyond the limit is passed on.
   * @param makeError Default GW_BODY_TOO_LARGE.
   */
  limitBody(
    max: number,
    makeError: () => GatewayError = () => errors.GW_BODY_TOO_LARGE({ limit: max }),
  ): void {
    const { bodyLength } = this
    if (bodyLength !== undefined) {
      if (bodyLength > max) throw makeError()
      return
    }
    const source = sourceOf(this.#content)
    if (source !== undefined) this.#content = new LimitedSource(source, max, makeError)
  }

  /** Shows each piece of the body as it goes by. The bytes are valid during the call only. */
  observeBody(observe: (bytes: Uint8Array) => void): void {
    const source = sourceOf(this.#content)
    if (source !== undefined) this.#content = new ObservedSource(source, observe)
  }

  /** Sends the body through a stream made when it begins; removes `content-length`. */
  transformBody(create: () => Duplex): void {
    const source = sourceOf(this.#content)
    if (source === undefined) return
    this.#content = new TransformedSource(source, create)
    this.headers.delete('content-length')
  }

  /**
   * Puts something between the body and whoever takes it, such as a {@link PassingStage}, which must
   * pass on as many bytes as come. Not called without a body.
   */
  wrapBody(wrap: (source: BodySource) => BodySource): void {
    const source = sourceOf(this.#content)
    if (source !== undefined) this.#content = wrap(source)
  }

  /**
   * For transports: the body in the form that moves, taken out of the message. `undefined` if
   * there is none. @internal
   */
  takeBody(): BodySource | undefined {
    const source = sourceOf(this.#content)
    this.#content = null
    const trailers = this.#givenTrailers
    if (source === undefined || trailers === undefined) return source
    return new TrailingSource(source, trailers)
  }

  /** Puts a source in place of the body, without looking at the header. @internal */
  replaceBody(body: Body | BodySource): void {
    this.#content = body
  }

  /** Releases a body that will not be sent. */
  discard(): void {
    this.discardReplaced()
    const content = this.#content
    this.#content = null
    if (content === null || typeof content === 'string' || content instanceof Uint8Array) return
    sourceOf(content)?.cancel()
  }

  /** The exchange is over: releases replaced streams that nobody has read. @internal */
  discardReplaced(): void {
    const replaced = this.#replaced
    this.#replaced = undefined
    if (replaced === undefined) return
    for (const stream of replaced) if (!stream.readableDidRead) stream.destroy()
  }

  #keepReplaced(stream: Readable): void {
    this.#replaced ??= []
    this.#replaced.push(stream)
  }
}

/** A stream may fail before anybody reads it. */
function contain(body: Body | BodySource): void {
  if (body instanceof Readable) ignoreErrors(body)
}

function ignore(): void {
  // Whoever asks for the trailers is told.
}
