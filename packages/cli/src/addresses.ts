import type { BoundAddress } from '@gatewright/kernel'
import type { Logger } from 'pino'

/** Where each entrypoint listens, by name. */
export type Addresses = ReadonlyMap<string, BoundAddress>

/** Logs where each entrypoint listens, unless `known` says that already. */
export function logAddresses(log: Logger, addresses: Addresses, known?: Addresses): void {
  for (const [entrypoint, bound] of addresses) {
    const address = formatAddress(bound)
    const before = known?.get(entrypoint)
    if (before !== undefined && formatAddress(before) === address) continue
    log.info({ entrypoint, address }, 'listening')
  }
}

/** The same at the start; warns if nothing listens. */
export function logFirstAddresses(log: Logger, addresses: Addresses): void {
  logAddresses(log, addresses)
  if (addresses.size === 0) log.warn('nothing listens: there is no entrypoint')
}

/** `127.0.0.1:8080` or `[::1]:8080`. */
function formatAddress({ address, port }: BoundAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
