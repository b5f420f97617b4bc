/** Asks a server once. */
export interface Prober {
  /**
   * Rejects with an error that says what is wrong with the server.
   * @param signal Gives up; what was opened is closed then.
   */
  probe(server: URL, signal: AbortSignal): Promise<void>
  /** Lets go of what it keeps between probes. */
  close(): Promise<void>
}

/** The port of a URL, the default one included. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return /^(?:https|wss|grpcs):$/.test(protocol) ? 443 : 80
}

/** The host of a URL as sockets take it: without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
