import { tryAddress } from '@gatewright/kernel'
import { isRecord } from './outline.ts'

/** Where an entrypoint listens. */
export interface Listener {
  readonly entrypoint: string
  readonly protocol: string
  readonly address: string
}

/** What becomes of listeners. */
export interface ListenerChanges {
  readonly opened: readonly Listener[]
  readonly closed: readonly Listener[]
  /** With their connections, also if the entrypoint has another name or other options. */
  readonly kept: readonly Listener[]
}

/** By the rule of the gateway: the same protocol and address is the same listener. */
export function listenerChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ListenerChanges {
  const old = listenersOf(before)
  const next = listenersOf(after)
  return {
    opened: [...next].flatMap(([id, listener]) => (old.has(id) ? [] : listener)),
    closed: [...old].flatMap(([id, listener]) => (next.has(id) ? [] : listener)),
    kept: [...next].flatMap(([id, listener]) => (old.has(id) ? listener : [])),
  }
}

function listenersOf({ entrypoints }: Readonly<Record<string, unknown>>): Map<string, Listener> {
  const blocks = isRecord(entrypoints) ? Object.entries(entrypoints) : []
  return new Map(
    blocks.map(([entrypoint, block]) => {
      const fields = isRecord(block) ? block : {}
      const protocol = String(fields['protocol'])
      const address = String(fields['address'])
      return [idOf(entrypoint, protocol, address), { entrypoint, protocol, address }]
    }),
  )
}

function idOf(entrypoint: string, protocol: string, text: string): string {
  const address = tryAddress(text)
  if (address === undefined) return JSON.stringify([protocol, text])
  const { host, port } = address
  // Port 0 is another port each time, so there the name tells which one is meant.
  return JSON.stringify([protocol, host, port, port === 0 ? entrypoint : null])
}
