/**
 * Media types that say how a message is meant.
 *
 * @module
 */
const grpc = /^application\/grpc(\+[^;\s]+)?\s*(?:;|$)/i
const grpcWeb = /^application\/grpc-web(-text)?(\+[^;\s]+)?\s*(?:;|$)/i

/** True for `application/grpc` and `application/grpc+x`; false for gRPC-Web, which is another one. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && grpc.test(contentType)
}

/** What the media type of a gRPC-Web message says. */
export interface WebType {
  /** The body is in base64. */
  readonly text: boolean
  /** How messages are written, such as `+proto`; empty if it does not say. */
  readonly suffix: string
}

/** `undefined` if it is not of gRPC-Web. */
export function tryWebType(contentType: string | undefined): WebType | undefined {
  const match = contentType === undefined ? null : grpcWeb.exec(contentType)
  if (match === null) return undefined
  return { text: match[1] !== undefined, suffix: match[2] ?? '' }
}

/** What follows `application/grpc`, such as `+proto`; empty if nothing does. */
export function suffixOf(contentType: string): string {
  return grpc.exec(contentType)?.[1] ?? ''
}
