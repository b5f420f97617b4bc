import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { GatewayConfigInput } from '@gatewright/kernel'

/** One end of UDP on this machine, which keeps what comes until somebody asks for it. */
export class Peer implements AsyncDisposable {
  readonly #socket: Socket
  readonly #received: { readonly datagram: Buffer; readonly from: RemoteInfo }[] = []
  #asked: (() => void)[] = []

  constructor(socket: Socket, answer: Answer | undefined) {
    this.#socket = socket
    socket.on('message', (datagram, from) => {
      this.#received.push({ datagram, from })
      for (const ask of this.#asked.splice(0)) ask()
      for (const reply of answer?.(datagram) ?? []) this.send(reply, from.port, from.address)
    })
  }

  static async open(answer?: Answer, address = '127.0.0.1', port = 0): Promise<Peer> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.bind(port, address)
    await once(socket, 'listening')
    return new Peer(socket, answer)
  }

  get port(): number {
    return this.#socket.address().port
  }

  get url(): string {
    const { address, family } = this.#socket.address()
    return `udp://${family === 'IPv6' ? `[${address}]` : address}:${this.port}`
  }

  /** Everything that came and that nobody asked for. */
  get count(): number {
    return this.#received.length
  }

  send(datagram: string | Uint8Array, port: number, address = '127.0.0.1'): void {
    this.#socket.send(datagram, port, address)
  }

  /** The next datagram that nobody has asked for, and who sent it. */
  async next(): Promise<{ readonly datagram: Buffer; readonly from: RemoteInfo }> {
    for (;;) {
      const first = this.#received.shift()
      if (first !== undefined) return first
      await new Promise<void>((resolve) => void this.#asked.push(resolve))
    }
  }

  async text(): Promise<string> {
    return (await this.next()).datagram.toString()
  }

  async ask(question: string, port: number): Promise<string> {
    this.send(question, port)
    return this.text()
  }

  /** Asks again until an answer comes, where datagrams may be lost. */
  async askAgain(question: string, port: number): Promise<string> {
    const timer = setInterval(() => this.send(question, port), 100)
    this.send(question, port)
    try {
      return await this.text()
    } finally {
      clearInterval(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}

/** What a server says to a datagram. */
export type Answer = (datagram: Buffer) => readonly (string | Uint8Array)[]

export const echo: Answer = (datagram) => [datagram]

/** A server that says its name before what it got. */
export function named(name: string): Answer {
  return (datagram) => [`${name}:${datagram.toString()}`]
}

/** A URL at whose port nobody is, and where a server may come up. */
export async function deadServer(): Promise<{ readonly url: string; readonly port: number }> {
  await using peer = await Peer.open()
  const { url, port } = peer
  return { url, port }
}

/** What differs from a UDP entrypoint in front of one service. */
export interface Differences {
  readonly entrypoint?: Readonly<Record<string, unknown>>
  readonly balancer?: Readonly<Record<string, unknown>>
  readonly router?: Readonly<Record<string, unknown>>
  readonly rest?: GatewayConfigInput
}

/** Everything that comes to the entrypoint `udp` goes to the service `app` with these servers. */
export function configFor(
  servers: readonly string[],
  { entrypoint = {}, balancer = {}, router = {}, rest = {} }: Differences = {},
): GatewayConfigInput {
  return {
    entrypoints: { udp: { protocol: 'udp', address: '127.0.0.1:0', ...entrypoint } },
    routers: { all: { rule: '*', service: 'app', ...router } },
    services: { app: { load_balancer: { servers: servers.map((url) => ({ url })), ...balancer } } },
    ...rest,
  }
}
