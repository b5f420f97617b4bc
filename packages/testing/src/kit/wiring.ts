/**
 * Puts a configuration on a test bench: fakes behind its services, every entrypoint on a port of
 * its own, and what it does not say.
 *
 * @module
 */
import type { GatewayConfigInput } from '@gatewright/kernel'
import type { FakeUpstream } from '../fakes/fake-upstream.ts'

/** Fakes by the name of the service whose servers they are. */
export type FakesByService = Readonly<Record<string, FakeUpstream | readonly FakeUpstream[]>>

/** Service, router and entrypoint of a configuration that has none. */
const defaultNames = { service: 'upstream', router: 'all', entrypoint: 'web' } as const

type Block = Readonly<Record<string, unknown>>

/**
 * The configuration with its servers replaced by the fakes, and listening on free ports of the
 * loopback address. What is missing of it is added: an entrypoint; a service that ends at `spare`;
 * a router for all requests, with every middleware there is.
 */
export function wire(
  config: GatewayConfigInput,
  fakes: FakesByService,
  spare: FakeUpstream,
): GatewayConfigInput {
  const services = { ...blocksOf(config['services']) }
  for (const [name, given] of Object.entries(fakes)) {
    services[name] = withServers(services[name], listOf(given))
  }
  const { service } = defaultNames
  if (Object.keys(services).length === 0 || isBare(services[service], fakes[service])) {
    services[service] = withServers(services[service], [spare])
  }
  const entrypoints = blocksOf(config['entrypoints'])
  const wired = {
    // A block `observability` says what there is of metrics.
    ...(config['observability'] === undefined && { metrics: {} }),
    shutdown_timeout_secs: 5,
    ...config,
    entrypoints:
      Object.keys(entrypoints).length === 0
        ? { [defaultNames.entrypoint]: onLoopback({}) }
        : mapped(entrypoints, onLoopback),
    ...(config['management'] !== undefined && { management: onLoopback(config['management']) }),
    services,
  }
  const isRouted = Object.keys(blocksOf(config['routers'])).length > 0
  if (isRouted || Object.values(wired.entrypoints).every(isForStreams)) return wired
  return { ...wired, routers: { [defaultNames.router]: defaultRouter(config, services) } }
}

function defaultRouter(config: GatewayConfigInput, services: Block): Block {
  return {
    rule: 'PathPrefix(`/`)',
    service: Object.keys(services)[0],
    middlewares: Object.keys(blocksOf(config['middlewares'])),
  }
}

/** A service of that name that says how to balance, and not what. */
function isBare(service: unknown, given: unknown): boolean {
  if (service === undefined || given !== undefined) return false
  return blockOf(blockOf(service)['load_balancer'])['servers'] === undefined
}

function withServers(service: unknown, fakes: readonly FakeUpstream[]): Block {
  const block = blockOf(service)
  const balancing = blockOf(block['load_balancer'])
  const before = Array.isArray(balancing['servers']) ? balancing['servers'] : []
  const servers = fakes.map(({ url }, i) => ({ ...blockOf(before[i]), url }))
  return { ...block, load_balancer: { ...balancing, servers } }
}

/** Streams have servers and rules of their own. */
function isForStreams(entrypoint: unknown): boolean {
  return isStreamProtocol(blockOf(entrypoint)['protocol'])
}

/** Whether no request comes in there. */
export function isStreamProtocol(protocol: unknown): boolean {
  return protocol === 'tcp' || protocol === 'udp'
}

function onLoopback(entrypoint: unknown): Block {
  return { ...blockOf(entrypoint), address: '127.0.0.1:0' }
}

function listOf(given: FakeUpstream | readonly FakeUpstream[]): readonly FakeUpstream[] {
  return 'url' in given ? [given] : given
}

/** A notation may write a block that stands alone as a list of one. */
function blockOf(value: unknown): Block {
  const block: unknown = Array.isArray(value) ? value[0] : value
  return isRecord(block) ? block : {}
}

function blocksOf(value: unknown): Block {
  return isRecord(value) ? value : {}
}

function mapped(blocks: Block, change: (block: unknown) => Block): Block {
  return Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, change(block)]))
}

function isRecord(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
