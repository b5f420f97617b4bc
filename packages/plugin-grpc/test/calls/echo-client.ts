/** A client for `echo-server.ts`. */
import {
  type CallOptions,
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js'
import { paths } from './echo-server.ts'

const maxBytes = 64 * 1024 * 1024

/** What came of a call. */
export interface Outcome {
  readonly messages: string[]
  readonly status: StatusObject
  /** Fields before the first message. */
  readonly head: Metadata | undefined
}

/** What goes with a call. */
export interface CallInit {
  readonly metadata?: Readonly<Record<string, string | Buffer>>
  readonly options?: CallOptions
}

/** Calls of one channel. */
export class EchoClient implements Disposable {
  readonly #client: Client

  constructor(
    port: number,
    channel: ChannelCredentials = credentials.createInsecure(),
    options: ChannelOptions = {},
  ) {
    this.#client = new Client(`127.0.0.1:${port}`, channel, {
      'grpc.max_receive_message_length': maxBytes,
      'grpc.max_send_message_length': maxBytes,
      // Channels to one address would share a connection.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      ...options,
    })
  }

  unary(message: string | Buffer, init: CallInit = {}): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const messages: string[] = []
    let head: Metadata | undefined
    const call = this.#client.makeUnaryRequest(
      paths.unary,
      same,
      same,
      Buffer.from(message),
      metadataOf(init),
      init.options ?? {},
      (_error: ServiceError | null, answer?: Buffer) => {
        if (answer !== undefined) messages.push(answer.toString())
      },
    )
    call.on('metadata', (fields) => (head = fields))
    call.on('status', (status) => resolve({ messages, status, head }))
    return promise
  }

  async upload(pieces: readonly string[], init: CallInit = {}): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const messages: string[] = []
    const call: ClientWritableStream<Buffer> = this.#client.makeClientStreamRequest(
      paths.upload,
      same,
      same,
      metadataOf(init),
      init.options ?? {},
      (_error: ServiceError | null, answer?: Buffer) => {
        if (answer !== undefined) messages.push(answer.toString())
      },
    )
    call.on('status', (status) => resolve({ messages, status, head: undefined }))
    for (const piece of pieces) call.write(Buffer.from(piece))
    call.end()
    return promise
  }

  download(message: string, init: CallInit = {}): ClientReadableStream<Buffer> {
    const metadata = metadataOf(init)
    return this.#client.makeServerStreamRequest(
      paths.download,
      same,
      same,
      Buffer.from(message),
      metadata,
      init.options ?? {},
    )
  }

  chat(init: CallInit = {}): ClientDuplexStream<Buffer, Buffer> {
    const metadata = metadataOf(init)
    return this.#client.makeBidiStreamRequest(paths.chat, same, same, metadata, init.options ?? {})
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}

/** Reads a stream to its end. */
export async function outcomeOf(
  call: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const messages: string[] = []
  let head: Metadata | undefined
  call.on('metadata', (fields) => (head = fields))
  call.on('data', (piece: Buffer) => messages.push(piece.toString()))
  call.on('error', () => undefined)
  call.on('status', (status) => resolve({ messages, status, head }))
  return promise
}

function metadataOf({ metadata = {} }: CallInit): Metadata {
  const fields = new Metadata()
  for (const [name, value] of Object.entries(metadata)) fields.set(name, value)
  return fields
}

function same(bytes: Buffer): Buffer {
  return bytes
}
