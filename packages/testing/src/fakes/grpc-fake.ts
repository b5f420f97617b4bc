import { bytesMethod, fill, type GrpcMetadata, recordOf } from '../grpc/grpc-call.ts'
import { loadOptional } from '../optional-packages.ts'
import { type Until, waitUntil } from '../upstream/faults.ts'
import { ListeningFake, type Open } from './listening-fake.ts'

type Grpc = typeof import('@grpc/grpc-js')

/** A call that reached a fake. */
export interface GrpcCall {
  /** `/package.Service/Method`. */
  readonly path: string
  readonly message: Buffer
  readonly metadata: GrpcMetadata
}

/** What a call is answered with. */
export interface GrpcReply {
  /** Messages, encoded; one for a method that does not stream. */
  readonly messages?: readonly (string | Uint8Array)[]
  /** Status; default 0. */
  readonly code?: number
  readonly details?: string
  readonly metadata?: GrpcMetadata
  readonly trailers?: GrpcMetadata
  /** Waited for before the answer. */
  readonly delay?: Until
  /** There is no answer. */
  readonly hang?: boolean
}

/** One message, or more than that. */
export type GrpcAnswer = string | Uint8Array | GrpcReply

/** Decides about one method. */
export type GrpcHandler = (call: GrpcCall) => GrpcAnswer | PromiseLike<GrpcAnswer>

/** Methods by path: `/package.Service/Method`. */
export type GrpcMethods = Readonly<Record<string, GrpcAnswer | GrpcHandler>>

/** Services of generated code, as `Server.addService` of `@grpc/grpc-js` takes them. */
export type GrpcServices = readonly (readonly [definition: object, implementation: object])[]

/**
 * A server of gRPC without TLS. Its calls are those of its methods by path; generated
 * services see theirs themselves. Needs `@grpc/grpc-js`.
 */
export class GrpcFake extends ListeningFake<GrpcCall> {
  readonly #methods: GrpcMethods
  readonly #services: GrpcServices

  /** @internal */
  constructor(methods: GrpcMethods, services: GrpcServices) {
    super('grpc')
    this.#methods = methods
    this.#services = services
  }

  /** Throws GW_TESTING_PACKAGE. */
  protected async open(): Promise<Open> {
    const grpc = await loadOptional<Grpc>('@grpc/grpc-js', 'fakeUpstream.grpc')
    const server = new grpc.Server()
    for (const [definition, implementation] of this.#services) {
      server.addService(
        // Both come from the same generated code.
        definition as Parameters<typeof server.addService>[0],
        implementation as Parameters<typeof server.addService>[1],
      )
    }
    const methods = Object.entries(this.#methods)
    if (methods.length > 0) this.#addMethods(server, methods, grpc)
    const credentials = grpc.ServerCredentials.createInsecure()
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      )
    })
    return { port, close: async () => server.forceShutdown() }
  }

  #addMethods(
    server: InstanceType<Grpc['Server']>,
    methods: readonly (readonly [path: string, answer: GrpcAnswer | GrpcHandler])[],
    grpc: Grpc,
  ): void {
    const serve = (path: string, answer: GrpcAnswer | GrpcHandler) => (call: ServerCall) =>
      this.#serve(call, path, answer, grpc)
    server.addService(
      Object.fromEntries(methods.map(([path]) => [path, bytesMethod(path)])),
      Object.fromEntries(methods.map(([path, answer]) => [path, serve(path, answer)])),
    )
  }

  #serve(call: ServerCall, path: string, given: GrpcAnswer | GrpcHandler, grpc: Grpc): void {
    const received = { path, message: call.request, metadata: recordOf(call.metadata) }
    this.log.add(received)
    const answer = async (): Promise<void> => {
      const made = typeof given === 'function' ? await given(received) : given
      await reply(call, isMessage(made) ? { messages: [made] } : made, grpc)
    }
    // As a server answers whose method throws.
    answer().catch((error: unknown) =>
      call.emit('error', { code: grpc.status.UNKNOWN, details: String(error) }),
    )
  }
}

type ServerCall = import('@grpc/grpc-js').ServerWritableStream<Buffer, Buffer>

async function reply(call: ServerCall, answer: GrpcReply, grpc: Grpc): Promise<void> {
  const { messages = [], code = 0, details = '', delay, hang = false } = answer
  if (hang) return
  if (delay !== undefined) await waitUntil(delay)
  if (answer.metadata !== undefined) call.sendMetadata(fill(new grpc.Metadata(), answer.metadata))
  for (const message of messages) call.write(Buffer.from(message))
  const trailers = fill(new grpc.Metadata(), answer.trailers)
  if (code === 0) call.end(trailers)
  else call.emit('error', { code, details, metadata: trailers })
}

function isMessage(answer: GrpcAnswer): answer is string | Uint8Array {
  return typeof answer === 'string' || answer instanceof Uint8Array
}
