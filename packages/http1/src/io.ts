import type { Server, Socket } from 'node:net'
import { type Accepted, AcceptedSocket } from './accepted.ts'
import { PortableWire } from './wire/portable-wire.ts'
import { isSecure } from './wire/secure-socket.ts'
import type { Wire } from './wire/wire.ts'

/** How connections are read and written: by what Node documents, or below that. */
export type IoMode = 'fast' | 'portable'

/** What can be chosen; `auto` is fast on the versions of Node that it was tested with. */
export const ioChoices = ['auto', 'fast', 'portable'] as const

/** One of {@link ioChoices}. */
export type IoChoice = (typeof ioChoices)[number]

/** What is there only where it is wanted. */
type FastIo = Pick<typeof import('./fast-io/index.ts'), 'acceptRaw' | 'fastWire' | 'fastTlsWire'>
/** Takes a connection that was accepted. */
export type OnAccepted = (accepted: Accepted) => void

const testedNodeMajors = [24, 26]

/**
 * Makes the wires of connections. Portable until {@link Io.prepare} has found that fast ones work
 * here.
 */
export class Io {
  #mode: IoMode = 'portable'
  #test: Promise<string | undefined> | undefined = undefined
  /** Once it was found to work. */
  #fast: FastIo | undefined = undefined
  #tlsTest: Promise<void> | undefined = undefined
  /** Once that was found to work over TLS too. */
  #fastTls: FastIo['fastTlsWire'] | undefined = undefined
  /** Servers that were there before. */
  readonly #servers = new Map<Server, OnAccepted>()

  /** Told once why sockets with TLS get portable wires where others get fast ones, if they do. */
  onTlsProblem: (problem: string) => void = ignore

  /** What new connections get. */
  get mode(): IoMode {
    return this.#mode
  }

  /**
   * Tries once whether fast wires work, unless the choice is not to use them.
   * @returns Why the choice cannot be had, the first time; the mode is portable then.
   */
  async prepare(choice: IoChoice): Promise<string | undefined> {
    if (!wantsFast(choice)) return undefined
    const first = this.#test === undefined
    this.#test ??= this.#tryFast()
    const problem = await this.#test
    return first ? problem : undefined
  }

  /**
   * The same for sockets with TLS, which get portable wires before. Begins by itself with the first
   * of them.
   */
  async prepareTls(): Promise<void> {
    if (this.#fast === undefined) return
    this.#tlsTest ??= this.#tryFastTls(this.#fast)
    await this.#tlsTest
  }

  /** Holds for the connections that are made from now on. */
  use(choice: IoChoice): void {
    this.#mode = this.#fast !== undefined && wantsFast(choice) ? 'fast' : 'portable'
  }

  /** Takes the connections of a server that listens. It may not have taken any before. */
  accept(server: Server, onAccepted: OnAccepted): void {
    const wireOver = (socket: Socket): Wire => this.wire(socket)
    server.on('connection', (socket) => onAccepted(new AcceptedSocket(socket, wireOver)))
    if (this.#fast !== undefined) return this.#acceptRaw(this.#fast, server, onAccepted)
    this.#servers.set(server, onAccepted)
    server.on('close', () => this.#servers.delete(server))
  }

  /**
   * A wire over a connected socket, which it owns from then on. One with TLS has its handshake behind
   * it. What the socket has read before comes first.
   * @param lower What carries a socket with TLS. Without it a portable wire cannot reset that, and
   *   closes it without a word instead.
   */
  wire(socket: Socket, lower?: Socket): Wire {
    const wire = this.#mode === 'fast' ? this.#fastWire(socket) : undefined
    return wire ?? new PortableWire(socket, lower)
  }

  async #tryFast(): Promise<string | undefined> {
    // Where nobody wants it, Node is not asked for what it does not document.
    const { acceptRaw, fastWire, fastTlsWire, testFastIo } = await import('./fast-io/index.ts')
    const problem = await testFastIo()
    if (problem !== undefined) return problem
    const fast = { acceptRaw, fastWire, fastTlsWire }
    this.#fast = fast
    for (const [server, onAccepted] of this.#servers) this.#acceptRaw(fast, server, onAccepted)
    this.#servers.clear()
    return undefined
  }

  async #tryFastTls({ fastTlsWire }: FastIo): Promise<void> {
    // Where there is no TLS, its module is not loaded.
    const { testFastTls } = await import('./fast-io/tls-self-test.ts')
    const problem = await testFastTls()
    if (problem === undefined) this.#fastTls = fastTlsWire
    else this.onTlsProblem(problem)
  }

  #fastWire(socket: Socket): Wire | undefined {
    if (!isSecure(socket)) return this.#fast?.fastWire(socket)
    // Nobody waits for it; what goes wrong is no error of the socket.
    if (this.#tlsTest === undefined) void this.prepareTls()
    return this.#fastTls?.(socket)
  }

  #acceptRaw(fast: FastIo, server: Server, onAccepted: OnAccepted): void {
    fast.acceptRaw(server, () => this.#mode === 'fast', onAccepted)
  }
}

function wantsFast(choice: IoChoice): boolean {
  if (choice !== 'auto') return choice === 'fast'
  const major = Number.parseInt(process.versions.node, 10)
  return testedNodeMajors.includes(major)
}

function ignore(): void {
  // Nobody wants to know.
}
