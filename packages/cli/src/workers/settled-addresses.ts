import { createServer } from 'node:net'
import { type GatewayConfigInput, tryAddress } from '@gatewright/kernel'
import type { OtherAddresses } from '../running/messages.ts'

/**
 * The addresses that all workers are to use in place of those of the file: that of `--listen`, and
 * one port for all of them where the system is to choose.
 */
export class SettledAddresses {
  readonly #listen: string | undefined
  /** The chosen ones, by entrypoint and address as written. */
  readonly #chosen = new Map<string, string>()

  constructor(listen: string | undefined) {
    this.#listen = listen
  }

  /** By entrypoint. */
  async settle({ entrypoints }: GatewayConfigInput): Promise<Record<string, string>> {
    const settled: Record<string, string> = {}
    const addresses = Object.entries(entrypoints ?? {}).map(
      ([name, entrypoint]) => [name, addressOf(entrypoint)] as const,
    )
    for (const [name, address] of addresses) {
      if (address !== undefined && isOpen(address))
        settled[name] = await this.#choose(name, address)
    }
    const listen = this.#listen
    if (listen !== undefined) {
      settled['web'] = isOpen(listen) ? await this.#choose('web', listen) : listen
    }
    return settled
  }

  /** How those came about that hold at present. */
  all(settled: Readonly<Record<string, string>>): OtherAddresses {
    const web = this.#listen === undefined ? undefined : settled['web']
    const chosen = [...this.#chosen].map(([key, address]) => {
      // The keys that `#choose` has made.
      const [entrypoint, written] = JSON.parse(key) as [string, string]
      return { entrypoint, written, address }
    })
    return { given: web === undefined ? {} : { web }, chosen }
  }

  async #choose(entrypoint: string, address: string): Promise<string> {
    const key = JSON.stringify([entrypoint, address])
    const known = this.#chosen.get(key)
    if (known !== undefined) return known
    const port = await findFreePort(tryAddress(address)?.host)
    // The first worker says why that is no address to listen on.
    if (port === undefined) return address
    const chosen = address.replace(/:0+$/, `:${port}`)
    this.#chosen.set(key, chosen)
    return chosen
  }
}

/** True if the system is to choose the port. What is no address at all the workers refuse. */
function isOpen(address: string): boolean {
  return tryAddress(address)?.port === 0
}

/** What an entrypoint has for an address as it is written. */
export function addressOf(entrypoint: unknown): string | undefined {
  if (typeof entrypoint !== 'object' || entrypoint === null) return undefined
  const address: unknown = Reflect.get(entrypoint, 'address')
  return typeof address === 'string' ? address : undefined
}

/** One that nobody listens on at present. */
async function findFreePort(host: string | undefined): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const server = createServer((socket) => socket.destroy())
  server.once('error', () => resolve(undefined))
  server.listen({ port: 0, exclusive: true, ...(host !== undefined && { host }) }, () => {
    const bound = server.address()
    // A TCP server has an address object.
    const port = bound === null || typeof bound === 'string' ? undefined : bound.port
    server.close(() => resolve(port))
  })
  return promise
}
