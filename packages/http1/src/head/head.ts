import { Method, methodName } from '../syntax/methods.ts'
import { FieldSection } from './field-section.ts'

/** Forms of a request target (RFC 9112 section 3.2). */
export const TargetForm = {
  origin: 0,
  absolute: 1,
  /** Only with CONNECT. */
  authority: 2,
  /** Only with OPTIONS. */
  asterisk: 3,
} as const

/**
 * The head of one received message: its start line, its fields, and what the gateway must know of
 * them to frame and forward the message. Filled by a parser and kept as long as the exchange.
 */
export class Head extends FieldSection {
  /** In its pool. For the pool. @internal */
  released = false

  /** Minor version: 1 or 0. */
  minor = 1

  /** Number of the method. Requests only, as the next eight. */
  method: number = Method.other
  methodStart = 0
  methodEnd = 0
  targetStart = 0
  targetEnd = 0
  targetForm: number = TargetForm.origin
  /** Path and query within the target; empty if an absolute target has none. */
  pathStart = 0
  pathEnd = 0

  /** Responses only, as the next two. */
  status = 0
  reasonStart = 0
  reasonEnd = 0

  /** Transfer-Encoding is there, so it is `chunked`. */
  chunked = false
  /** Connection has `close`. */
  close = false
  /** Connection has `keep-alive`. */
  keepAlive = false
  /** Connection has `upgrade`, Upgrade is there, and the version is 1.1 (RFC 9110 section 7.8). */
  upgrade = false
  /** The client waits for 100 Continue. */
  expectsContinue = false
  /** TE has `trailers`. */
  acceptsTrailers = false
  /** Index of the Host line, or -1. */
  hostLine = -1
  /** The effective host: of an absolute target or of CONNECT, else of Host. Empty if neither. */
  hostStart = 0
  hostEnd = 0

  /** The method; always the same string for the common ones. */
  get methodText(): string {
    const name = methodName(this.method)
    return name === '' ? this.text(this.methodStart, this.methodEnd) : name
  }

  /** What the request is for, in origin form, as `*`, or as `host:port` for CONNECT. */
  get targetText(): string {
    if (this.targetForm !== TargetForm.absolute) return this.text(this.targetStart, this.targetEnd)
    const path = this.text(this.pathStart, this.pathEnd)
    if (path.startsWith('/')) return path
    // RFC 9112 section 3.2.4: the last proxy turns "no path" of OPTIONS into an asterisk.
    return path === '' && this.method === Method.options ? '*' : `/${path}`
  }

  /** The effective host with its port if it has one, in the case received. */
  get hostText(): string {
    return this.text(this.hostStart, this.hostEnd)
  }

  /** Whether the effective host is this one, in lower case. */
  hasHost(host: string): boolean {
    const start = this.hostStart
    if (this.hostEnd - start !== host.length) return false
    for (let i = 0; i < host.length; i++) {
      if (this.buf[start + i] !== host.charCodeAt(i)) return false
    }
    return true
  }

  get reasonText(): string {
    return this.text(this.reasonStart, this.reasonEnd)
  }

  /** Whether the sender lets the connection go on after this message (RFC 9112 section 9.3). */
  get persistent(): boolean {
    return !this.close && (this.minor === 1 || this.keepAlive)
  }

  override reset(): void {
    super.reset()
    this.minor = 1
    this.method = Method.other
    this.methodStart = 0
    this.methodEnd = 0
    this.targetStart = 0
    this.targetEnd = 0
    this.targetForm = TargetForm.origin
    this.pathStart = 0
    this.pathEnd = 0
    this.status = 0
    this.reasonStart = 0
    this.reasonEnd = 0
    this.chunked = false
    this.close = false
    this.keepAlive = false
    this.upgrade = false
    this.expectsContinue = false
    this.acceptsTrailers = false
    this.hostLine = -1
    this.hostStart = 0
    this.hostEnd = 0
  }
}
