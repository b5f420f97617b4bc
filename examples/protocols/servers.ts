/**
 * A server of each kind. Each sends back what it gets, but for the events, which come by themselves.
 *
 * @module
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { Server as CallServer, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { WebSocketServer } from 'ws'

/** Where the servers listen, by the variables that the configuration has for them. */
export interface Running extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
  /** Tells everybody who listens to the events. */
  readonly tell: (news: string) => void
}

/**
 * @param port The first of five; 0 lets the system choose.
 * @param certificates The folder that `certificates.sh` has filled.
 */
export async function startServers(
  port: number,
  certificates: string = fileURLToPath(new URL('certs', import.meta.url)),
): Promise<Running> {
  await using started = new AsyncDisposableStack()
  const at = (place: number): number => (port === 0 ? 0 : port + place)
  const { pages, tell } = await startPages(at(0), started)
  const calls = await startCalls(at(1), started)
  const encrypted = await listen(createTls(certificateIn(certificates), echo), at(2), started)
  const bytes = await listen(createServer({ allowHalfOpen: true }, echo), at(3), started)
  const datagrams = await startDatagrams(at(4), started)
  const stack = started.move()
  return {
    env: {
      PAGES: `http://127.0.0.1:${pages}`,
      CALLS: `grpc://127.0.0.1:${calls}`,
      ENCRYPTED: `tcp://127.0.0.1:${encrypted}`,
      BYTES: `tcp://127.0.0.1:${bytes}`,
      DATAGRAMS: `udp://127.0.0.1:${datagrams}`,
    },
    tell,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A call of `example.Echo`; messages are plain bytes. */
export const echoService: ServiceDefinition = {
  say: method('Say', false),
  talk: method('Talk', true),
}

function method(name: string, streams: boolean): ServiceDefinition[string] {
  return {
    path: `/example.Echo/${name}`,
    requestStream: streams,
    responseStream: streams,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

function same(bytes: Buffer): Buffer {
  return bytes
}

/** Pages, events and conversations. */
async function startPages(port: number, started: AsyncDisposableStack) {
  const listeners = new Set<(news: string) => void>()
  const server = createHttp((request, response) => {
    if (request.url !== '/events') {
      response.end(`${request.method} ${request.url}`)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    const listener = (news: string): void => void response.write(`data: ${news}\n\n`)
    listeners.add(listener)
    response.on('close', () => listeners.delete(listener))
  })
  const conversations = new WebSocketServer({ server, path: '/talk' })
  conversations.on('connection', (socket) => {
    socket.on('message', (said, isBinary) => socket.send(said, { binary: isBinary }))
  })
  started.defer(() => {
    for (const socket of conversations.clients) socket.terminate()
    conversations.close()
  })
  const tell = (news: string): void => {
    for (const listener of listeners) listener(news)
  }
  return { pages: await listen(server, port, started), tell }
}

async function startCalls(port: number, started: AsyncDisposableStack): Promise<number> {
  const server = new CallServer()
  server.addService(echoService, {
    say: (call: { request: Buffer }, answer: (error: null, said: Buffer) => void) =>
      answer(null, call.request),
    talk: (call: NodeJS.ReadWriteStream) => {
      call.on('data', (said: Buffer) => call.write(said))
      call.on('end', () => call.end())
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  )
  started.defer(() => server.forceShutdown())
  return promise
}

async function startDatagrams(port: number, started: AsyncDisposableStack): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (said, from) => socket.send(said, from.port, from.address))
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  started.defer(() => {
    socket.close()
  })
  return socket.address().port
}

/** Sends back what it gets, to the end. */
function echo(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
}

async function listen(
  server: NetServer,
  port: number,
  started: AsyncDisposableStack,
): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  started.defer(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  // It listens on a TCP port, so it has an AddressInfo.
  return (server.address() as AddressInfo).port
}

function certificateIn(folder: string): { readonly cert: Buffer; readonly key: Buffer } {
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  return { cert: read('localhost.crt'), key: read('localhost.key') }
}

if (import.meta.main) {
  const { env, tell } = await startServers(9001)
  console.log(env)
  setInterval(() => tell(new Date().toISOString()), 1000)
}
