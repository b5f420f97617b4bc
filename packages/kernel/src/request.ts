/**
 * A request as middlewares change it and as a retry puts it back.
 *
 * @module
 */
import type { Body, BodySource } from './body.ts'
import { ReplayableBody } from './body-copies.ts'
import { HeaderList } from './headers.ts'
import { Message } from './message.ts'

/** Version of HTTP that a client speaks. */
export type HttpVersion = '1.0' | '1.1' | '2'

/** The head of a request as its protocol received it. Read on demand, each part at most once. */
export interface RequestHead {
  readonly version: HttpVersion
  readonly method: string
  /** Origin form (RFC 9112 section 3.2.1), or `*`. */
  readonly target: string
  /** `host` of HTTP/1.1 or `:authority` of HTTP/2, lower-case, with its port if it has one. */
  readonly authority: string
  readonly headers: HeaderList
  /**
   * Token of an `Upgrade` request or of extended CONNECT (RFC 8441), such as `websocket`: one for
   * which there is an `UpgradeFactory`, which has to agree to the request. There is no body then.
   */
  readonly upgrade: string | undefined
}

/** Lets the same request be sent again. */
export interface Checkpoint {
  /** False once more of the body has been read than the limit allows to keep. */
  readonly restorable: boolean
  /** Puts method, target, headers and body back to what they were. */
  restore(): void
  /** No further try will be made: stops keeping the body. */
  release(): void
}

const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
])

/**
 * True if several requests with this method are meant to do what one does (RFC 9110 section 9.2.2).
 * False for methods that extensions define.
 */
export function isIdempotent(method: string): boolean {
  return idempotentMethods.has(method)
}

/** What is sent to the upstream. Middlewares change it in place. */
export class GatewayRequest extends Message {
  /** As received; unchanged by what is assigned here. @internal */
  readonly head: RequestHead
  #method: string | undefined = undefined
  #target: string | undefined = undefined
  #authority: string | undefined = undefined
  #headers: HeaderList | undefined = undefined

  constructor(head: RequestHead, body: Body | BodySource) {
    super(body, undefined)
    this.head = head
  }

  get method(): string {
    return this.#method ?? this.head.method
  }

  set method(value: string) {
    this.#method = value
  }

  /** `host` of HTTP/1.1 or `:authority` of HTTP/2, lower-case. Assigning changes what is sent. */
  get authority(): string {
    return this.#authority ?? this.head.authority
  }

  set authority(value: string) {
    this.#authority = value
  }

  get headers(): HeaderList {
    return (this.#headers ??= this.head.headers)
  }

  set headers(value: HeaderList) {
    this.#headers = value
  }

  /** Of the client; transports choose their own. */
  get version(): HttpVersion {
    return this.head.version
  }

  /** The protocol that the client wants to switch to. */
  get upgrade(): string | undefined {
    return this.head.upgrade
  }

  /** Origin form (RFC 9112 section 3.2.1): path and query. */
  get target(): string {
    return this.#target ?? this.head.target
  }

  /** Path without query, percent-encoded as received. Assigning keeps the query. */
  get path(): string {
    const { target } = this
    const query = target.indexOf('?')
    return query < 0 ? target : target.slice(0, query)
  }

  set path(value: string) {
    this.#target = value + this.query
  }

  /** Query with its `?`, or an empty string. Assigning keeps the path. */
  get query(): string {
    const { target } = this
    const query = target.indexOf('?')
    return query < 0 ? '' : target.slice(query)
  }

  set query(value: string) {
    this.#target = this.path + value
  }

  /** What was assigned over the head's method, for transports that copy the head. @internal */
  get assignedMethod(): string | undefined {
    return this.#method
  }

  /** @internal */
  get assignedTarget(): string | undefined {
    return this.#target
  }

  /** @internal */
  get assignedAuthority(): string | undefined {
    return this.#authority
  }

  /** @param maxBodyBytes How much of the body is kept for another try. */
  checkpoint(maxBodyBytes: number): Checkpoint {
    const source = this.takeBody()
    const body = source === undefined ? undefined : new ReplayableBody(source, maxBodyBytes)
    const method = this.#method
    const target = this.#target
    const authority = this.#authority
    const headers = this.headers.clone()
    this.replaceBody(body?.replay() ?? null)
    return {
      get restorable() {
        return body === undefined || body.restorable
      },
      restore: () => {
        this.#method = method
        this.#target = target
        this.#authority = authority
        this.#headers = headers.clone()
        this.replaceBody(body?.replay() ?? null)
      },
      release: () => body?.release(),
    }
  }
}

/**
 * Stands for a request whose head could not be read, so that what refuses it ends like any other
 * exchange. It has no method, and nobody routes it.
 */
export function unreadRequest(version: RequestHead['version']): GatewayRequest {
  const head = { method: '', target: '', authority: '', upgrade: undefined, version }
  return new GatewayRequest({ ...head, headers: new HeaderList() }, null)
}
