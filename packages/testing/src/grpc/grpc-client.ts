import { loadOptional } from '../optional-packages.ts'
import { bytesMethod, fill, type GrpcMetadata, recordOf } from './grpc-call.ts'

type Grpc = typeof import('@grpc/grpc-js')

/** What a call says beside its message. */
export interface GrpcInit {
  readonly metadata?: GrpcMetadata
  readonly signal?: AbortSignal
  /** Where it comes in. Default: the first one. */
  readonly entrypoint?: string
}

/** How a call went; one that failed has a `code` that is not 0. */
export interface GrpcOutcome {
  /** Encoded. */
  readonly messages: readonly Buffer[]
  readonly code: number
  readonly details: string
  readonly metadata: GrpcMetadata
  readonly trailers: GrpcMetadata
}

/** A client class of generated code, or `Client` of `@grpc/grpc-js`. */
export type GrpcClientClass<C> = new (address: string, credentials: never, options: never) => C

/** What must be closed when the gateway stops. */
export interface Closable {
  close(): void
}

/** A client of generated code in front of an entrypoint. Throws GW_TESTING_PACKAGE. */
export async function grpcClient<C extends Closable>(
  port: number,
  Client: GrpcClientClass<C>,
): Promise<C> {
  const { credentials } = await loadOptional<Grpc>('@grpc/grpc-js', 'grpcClient()')
  const options = { 'grpc.use_local_subchannel_pool': 1 }
  // What the package takes there, of whichever copy the class is.
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure() as never, options as never)
}

/** Sends one message and takes what comes. Throws GW_TESTING_PACKAGE. */
export async function grpcCall(
  port: number,
  path: string,
  message: string | Uint8Array,
  { metadata = {}, signal }: GrpcInit,
): Promise<GrpcOutcome> {
  const grpc = await loadOptional<Grpc>('@grpc/grpc-js', 'grpc()')
  const client = await grpcClient(port, grpc.Client)
  try {
    const { requestSerialize, responseDeserialize } = bytesMethod(path)
    const call = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Buffer.from(message),
      fill(new grpc.Metadata(), metadata),
    )
    signal?.addEventListener('abort', () => call.cancel(), { once: true })
    return await outcomeOf(call)
  } finally {
    client.close()
  }
}

type ClientCall = ReturnType<import('@grpc/grpc-js').Client['makeServerStreamRequest']>

function outcomeOf(call: ClientCall): Promise<GrpcOutcome> {
  const messages: Buffer[] = []
  let metadata: GrpcMetadata = {}
  call.on('data', (bytes: Buffer) => messages.push(bytes))
  call.on('metadata', (given) => {
    metadata = recordOf(given)
  })
  // The status says the same.
  call.on('error', () => undefined)
  return new Promise((resolve) => {
    call.on('status', ({ code, details, metadata: given }) =>
      resolve({ messages, code, details, metadata, trailers: recordOf(given) }),
    )
  })
}
