import type { Endpoint, RunningGateway } from '@gatewright/kernel'
import { urlOf } from './server-url.ts'

/** What somebody wants of a server, whatever the configuration says. Survives JSON. */
export interface Override {
  /** Gets no new requests. */
  readonly drained?: boolean
  /** The part of its weight that it has, above 0 and at most 1. */
  readonly share?: number
}

interface Order {
  readonly service: string
  readonly url: string
  readonly override: Override
}

const owner = '@gatewright/plugin-management'
const topic = `${owner} override`

/** What holds for servers, as long as they stay configured and their process runs. */
const held = new WeakMap<Endpoint, Override>()

/** What holds for a server of this process. */
export function overrideOf(endpoint: Endpoint): Override {
  return held.get(endpoint) ?? {}
}

/** Has this process obey orders that any process gets. */
export function obeyPeers(running: RunningGateway): Disposable {
  // Nobody else has this topic, and all of them have the same version of this package.
  return running.peers.answer(topic, (asked) => obey(running, asked as Order))
}

/**
 * Has all processes treat a server in another way than it is configured. Comes back with how many
 * servers of that URL there are, in all processes.
 */
export async function order(
  running: RunningGateway,
  service: string,
  url: string,
  override: Override,
): Promise<number> {
  const wanted: Order = { service, url, override }
  // See above.
  const counts = (await running.peers.ask(topic, wanted)) as readonly number[]
  return counts.reduce((sum, count) => sum + count, 0)
}

function obey({ snapshot }: RunningGateway, { service, url, override }: Order): number {
  const pool = snapshot.services.get(service)?.pool
  const meant = pool?.all.filter((endpoint) => urlOf(endpoint.url) === url) ?? []
  for (const endpoint of meant) {
    const all = { ...overrideOf(endpoint), ...override }
    held.set(endpoint, all)
    pool?.setLimit(endpoint, owner, all.drained === true ? 0 : undefined)
    pool?.setShare(endpoint, owner, all.share)
  }
  return meant.length
}
