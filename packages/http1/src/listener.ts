import type { Server } from 'node:net'
import type { ListenAddress, Scope } from '@gatewright/kernel'

/** Connections that wait to be accepted. */
const backlog = 1024

/**
 * Binds a server; rejects with the error of the system. Nothing is accepted before whoever waits for
 * it goes on. What goes wrong with the server later is logged.
 */
export async function listenAt(
  server: Server,
  { host, port }: ListenAddress,
  log: Scope['log'],
): Promise<{ readonly address: string; readonly port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, backlog, ...(host !== undefined && { host }) }, resolve)
  await promise
  server.off('error', reject)
  server.on('error', (error) => log.error({ err: error }, 'listener failed'))
  const bound = server.address()
  // A TCP server has an address object.
  if (bound === null || typeof bound === 'string') return { address: '', port }
  return { address: bound.address, port: bound.port }
}

/** The open connections of a listener. */
export class OpenConnections<C extends { cutOff(): void }> implements Iterable<C> {
  readonly #open = new Set<C>()
  #onEmpty: (() => void) | undefined = undefined

  add(connection: C): void {
    this.#open.add(connection)
  }

  delete(connection: C): void {
    this.#open.delete(connection)
    if (this.#open.size === 0) this.#onEmpty?.()
  }

  [Symbol.iterator](): Iterator<C> {
    return this.#open.values()
  }

  /** Comes when the last one has closed; those that are left when `signal` aborts are cut off. */
  async closed(signal: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onEmpty = resolve
    const cutOff = (): void => {
      for (const connection of this.#open) connection.cutOff()
    }
    if (signal.aborted) cutOff()
    else signal.addEventListener('abort', cutOff, { once: true })
    await promise
    signal.removeEventListener('abort', cutOff)
  }
}
