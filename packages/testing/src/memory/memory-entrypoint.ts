import type { Ingress, ProtocolServer } from '@gatewright/kernel'
import { MemoryClients, type SendInit } from './memory-clients.ts'
import type { MemoryResponse } from './memory-message.ts'

/** A listener that no address leads to: requests are handed to it. */
export class MemoryEntrypoint implements ProtocolServer {
  readonly #clients: MemoryClients
  #name: string

  constructor(name: string, ingress: Ingress) {
    this.#name = name
    this.#clients = new MemoryClients(ingress)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    return { address: 'memory', port: 0 }
  }

  configure(_options: unknown, entrypoint: string): void {
    this.#name = entrypoint
  }

  async release(): Promise<void> {
    // There is nothing to let go.
  }

  drain(signal: AbortSignal): Promise<void> {
    return this.#clients.drain(signal)
  }

  /** Gives up every exchange that is under way, as if the clients had gone. */
  abortAll(): void {
    this.#clients.abortAll()
  }

  /** Sends one request on a connection of its own. Throws GW_TESTING_REFUSED. */
  send(init: SendInit): Promise<MemoryResponse> {
    return this.#clients.send(this.#name, init)
  }
}
