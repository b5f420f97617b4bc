/**
 * A server of the guest book: takes entries, and tells them to everybody who follows.
 *
 * @module
 */
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { type Entry, guestbook, health } from './guestbook.ts'

/** Those who are told of entries. */
export type Followers = Set<ServerWritableStream<Entry, Entry>>

/** A running server. */
export interface Running extends AsyncDisposable {
  readonly url: string
  /** False makes it say that it does not serve; calls are then UNAVAILABLE. */
  serving: boolean
}

/**
 * @param name Stands in the entries that it takes.
 * @param port 0 lets the system choose.
 * @param followers Servers that share them tell all of them what any server takes.
 */
export async function startServer(
  name: string,
  port: number,
  followers: Followers = new Set(),
): Promise<Running> {
  const server = new Server()
  const sign = (call: ServerUnaryCall<Entry, Entry>, done: sendUnaryData<Entry>): void => {
    if (!running.serving) return done({ code: status.UNAVAILABLE, details: `${name} is tired` })
    if (call.request.text === '') return done({ code: status.INVALID_ARGUMENT, details: 'empty' })
    const entry = { ...call.request, server: name }
    for (const follower of followers) follower.write(entry)
    done(null, entry)
  }
  const follow = (call: ServerWritableStream<Entry, Entry>): void => {
    followers.add(call)
    call.sendMetadata(call.metadata.clone())
    call.on('cancelled', () => followers.delete(call))
  }
  // HealthCheckResponse { status = 1 }: SERVING or NOT_SERVING.
  const check = (_call: unknown, done: sendUnaryData<Buffer>): void =>
    done(null, Buffer.from([8, running.serving ? 1 : 2]))
  server.addService(guestbook, { sign, follow })
  server.addService(health, { check })
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, chosen) => {
      if (error === null) resolve(chosen)
      else reject(error)
    })
  })
  const running: Running = {
    url: `grpc://127.0.0.1:${bound}`,
    serving: true,
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
    },
  }
  return running
}

if (import.meta.main) {
  const port = Number(process.env['PORT'] ?? 9001)
  // One book: who follows at one server sees what the other one takes.
  const followers: Followers = new Set()
  const { url: first } = await startServer('A', port, followers)
  const { url: second } = await startServer('B', port + 1, followers)
  console.log(`guest books on ${first} and ${second}`)
}
