import type { Server, Socket } from 'node:net'
import { type Accepted, AcceptedSocket } from './accepted.ts'
import { fastWire } from './fast-io/fast-wire.ts'
import { acceptRaw } from './fast-io/raw-connection.ts'
import { testFastIo } from './fast-io/self-test.ts'
import { PortableWire } from './wire/portable-wire.ts'
import type { Wire } from './wire/wire.ts'

/** How connections are read and written: by what Node documents, or below that. */
export type IoMode = 'fast' | 'portable'

/** What can be chosen; `auto` is fast on the versions of Node that it was tested with. */
export const ioChoices = ['auto', 'fast', 'portable'] as const

/** One of {@link ioChoices}. */
export type IoChoice = (typeof ioChoices)[number]

const testedNodeMajors = [24, 26]

/**
 * Makes the wires of connections. Portable until {@link Io.prepare} has found that fast ones work
 * here.
 */
export class Io {
  #mode: IoMode = 'portable'
  #test: Promise<string | undefined> | undefined = undefined
  #works = false

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
    this.#test ??= testFastIo()
    const problem = await this.#test
    this.#works = problem === undefined
    return first ? problem : undefined
  }

  /** Holds for the connections that are made from now on. */
  use(choice: IoChoice): void {
    this.#mode = this.#works && wantsFast(choice) ? 'fast' : 'portable'
  }

  /** Takes the connections of a server that listens. It may not have taken any before. */
  accept(server: Server, onAccepted: (accepted: Accepted) => void): void {
    const wireOver = (socket: Socket): Wire => this.wire(socket)
    server.on('connection', (socket) => onAccepted(new AcceptedSocket(socket, wireOver)))
    acceptRaw(server, () => this.#mode === 'fast', onAccepted)
  }

  /** A wire over a connected socket, which it owns from then on. */
  wire(socket: Socket): Wire {
    const wire = this.#mode === 'fast' ? fastWire(socket) : undefined
    return wire ?? new PortableWire(socket)
  }
}

function wantsFast(choice: IoChoice): boolean {
  if (choice !== 'auto') return choice === 'fast'
  const major = Number.parseInt(process.versions.node, 10)
  return testedNodeMajors.includes(major)
}
