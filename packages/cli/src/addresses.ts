import type { BoundAddress, Gateway } from '@gatewright/kernel'

/** Logs where each entrypoint listens, unless `known` says that already. */
export function logAddresses(
  { addresses, log }: Gateway,
  known: ReadonlyMap<string, BoundAddress> = new Map(),
): void {
  for (const [entrypoint, bound] of addresses) {
    const address = formatAddress(bound)
    const before = known.get(entrypoint)
    if (before !== undefined && formatAddress(before) === address) continue
    log.info({ entrypoint, address }, 'listening')
  }
}

/** `127.0.0.1:8080` or `[::1]:8080`. */
function formatAddress({ address, port }: BoundAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
