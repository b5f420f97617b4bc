/** Names and values of gRPC; binary ones as text of latin1. */
export type GrpcMetadata = Readonly<Record<string, string>>

/** A method of the package `@grpc/grpc-js` for messages that are plain bytes. */
export interface BytesMethod {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly requestSerialize: (bytes: Buffer) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Buffer
  readonly responseSerialize: (bytes: Buffer) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Buffer
}

const same = (bytes: Buffer): Buffer => bytes

/** One message there, any number of messages back, which is what one message is too. */
export function bytesMethod(path: string): BytesMethod {
  return {
    path,
    requestStream: false,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

/** What the kit needs of `Metadata`. */
export interface MetadataLike {
  getMap(): Readonly<Record<string, string | Buffer>>
  set(name: string, value: string): void
}

/** As a plain record. */
export function recordOf(metadata: MetadataLike): GrpcMetadata {
  const entries = Object.entries(metadata.getMap())
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.toString('latin1'),
    ]),
  )
}

/** Puts a record into it. */
export function fill<M extends MetadataLike>(metadata: M, record: GrpcMetadata = {}): M {
  for (const [name, value] of Object.entries(record)) metadata.set(name, value)
  return metadata
}
