import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { GatewayConfigInput } from '@gatewright/kernel'
import { deadUrl } from '@gatewright/testing'

/** A server of bytes on 127.0.0.1. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** Every connection that was ever accepted. */
  readonly sockets: readonly Socket[]
  /** The next connection that nobody has asked for. */
  next(): Promise<Socket>
}

/** Default: sends back what it gets, and ends when its client does. */
export async function startServer(
  onConnection: (socket: Socket) => void = echo,
): Promise<TestServer> {
  const sockets: Socket[] = []
  const asked: ((socket: Socket) => void)[] = []
  let taken = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    onConnection(socket)
    const ask = asked.shift()
    if (ask === undefined) return
    taken++
    ask(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `tcp://127.0.0.1:${port}`,
    sockets,
    next: async () => {
      const waiting = sockets[taken]
      if (waiting === undefined) return new Promise((resolve) => void asked.push(resolve))
      taken++
      return waiting
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Sends back what it gets, and ends when its client does. */
export function echo(socket: Socket): void {
  socket.pipe(socket)
}

/** A server that refuses every connection. */
export async function deadServer(): Promise<string> {
  return (await deadUrl()).replace('http:', 'tcp:')
}

/** The end of a connection. */
export interface Received {
  readonly text: string
  readonly bytes: number
  /** `end` if all of it came, else the code of the error. */
  readonly ending: string
}

/** Everything that comes until the connection ends. */
export function receive(socket: Socket): Promise<Received> {
  const chunks: Buffer[] = []
  let ending = 'cut'
  const { promise, resolve } = Promise.withResolvers<Received>()
  const settle = (): void => {
    const all = Buffer.concat(chunks)
    resolve({ text: all.toString(), bytes: all.length, ending })
  }
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
  socket.on('end', () => {
    ending = 'end'
    settle()
  })
  socket.on('error', (error) => {
    ending = 'code' in error ? String(error.code) : error.message
  })
  socket.on('close', settle)
  return promise
}

/** Comes back when the socket has received that many bytes, with them. */
export async function readBytes(socket: Socket, count: number): Promise<string> {
  let text = ''
  while (text.length < count) {
    const [chunk]: Buffer[] = await once(socket, 'data')
    text += chunk?.toString('latin1') ?? ''
  }
  return text
}

/** A connection to a port of this machine, half-open if need be. */
export async function dial(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

/** What differs from a TCP entrypoint in front of one service. */
export interface Differences {
  readonly entrypoint?: Readonly<Record<string, unknown>>
  readonly balancer?: Readonly<Record<string, unknown>>
  readonly router?: Readonly<Record<string, unknown>>
  readonly rest?: GatewayConfigInput
}

/** Everything that comes to the entrypoint `tcp` goes to the service `app` with these servers. */
export function configFor(
  servers: readonly string[],
  { entrypoint = {}, balancer = {}, router = {}, rest = {} }: Differences = {},
): GatewayConfigInput {
  return {
    shutdown_timeout_secs: 1,
    entrypoints: { tcp: { protocol: 'tcp', address: '127.0.0.1:0', ...entrypoint } },
    routers: { all: { rule: 'HostSNI(`*`)', service: 'app', ...router } },
    services: { app: { load_balancer: { servers: servers.map((url) => ({ url })), ...balancer } } },
    ...rest,
  }
}
