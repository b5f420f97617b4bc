import { PassThrough } from 'node:stream'
import { type BalancerFactory, StreamContext } from '@gatewright/kernel'
import { memoryConnection } from '../memory/memory-clients.ts'
import {
  type MountedBalancer,
  type MountedServer,
  mountBalancer,
  serverUrl,
  triesField,
  validateBalancer,
} from '../mount/mount-balancer.ts'
import type { Owner } from '../mount/mount-middleware.ts'
import { type Check, mustHold } from './check.ts'
import { isIdle, lifecycleChecks } from './lifecycle-checks.ts'
import { type OptionCases, schemaChecks } from './schema-checks.ts'

/** Enough that a strategy that goes by chance shows what it does. */
const rounds = 100

/**
 * The contract of load-balancing strategies, as functions that reject where it is broken.
 * @param owner See `MountOptions`.
 */
export function balancerChecks<O>(
  factory: BalancerFactory<O>,
  cases: OptionCases,
  owner?: Owner<BalancerFactory>,
): readonly Check[] {
  const [options] = cases.valid
  const mount = (servers: readonly MountedServer[]): Promise<MountedBalancer> =>
    mountBalancer(factory, options, servers, owner)
  return [
    ...schemaChecks({
      type: factory.type,
      schema: factory.schema,
      foreignKeys: ['strategy', 'servers'],
      ...cases,
      instantiate: async (written) => (await mountBalancer(factory, written, ['a'], owner)).close(),
    }),
    ...lifecycleChecks({
      factory,
      options,
      mount: (observed, written) => mountBalancer(observed, written, ['a', 'b'], owner),
      validate: (observed, written) => validateBalancer(observed, written, owner),
    }),
    { name: 'picks healthy endpoints only', run: () => healthyOnly(mount) },
    { name: 'picks nothing when no endpoint is healthy', run: () => nothing(mount) },
    { name: 'never picks an endpoint with the weight 0', run: () => weightless(mount) },
    { name: 'turns to endpoints that were not tried', run: () => untriedFirst(mount) },
    { name: 'tries an endpoint again when there is no other', run: () => triedAgain(mount) },
    { name: 'follows the pool when its endpoints are replaced', run: () => follows(mount) },
    { name: 'leaves the lists of the pool as they are', run: () => leavesLists(mount) },
    { name: 'picks for connections that carry no requests', run: () => streams(mount) },
  ]
}

type Mount = (servers: readonly MountedServer[]) => Promise<MountedBalancer>

async function healthyOnly(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', 'b', 'c', 'd'])
  const pool = mounted.pool()
  for (const endpoint of pool.all) {
    pool.setHealthy(endpoint, 'conformance', false)
    const picked = await pickedBy(mounted)
    mustHold(!picked.includes(endpoint.url.host), `${endpoint.url.host} was picked while unhealthy`)
    pool.setHealthy(endpoint, 'conformance', true)
  }
}

async function nothing(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', 'b'])
  const pool = mounted.pool()
  for (const endpoint of pool.all) pool.setHealthy(endpoint, 'conformance', false)
  const { error } = await mounted.send()
  const code = error?.code ?? 'no error'
  mustHold(code === 'GW_SERVICE_UNAVAILABLE', `the answer was ${code}`)
}

async function weightless(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', { name: 'b', weight: 0 }, { name: 'c', weight: 3 }])
  const picked = await pickedBy(mounted)
  mustHold(!picked.includes('b'), 'an endpoint with the weight 0 was picked')
}

async function untriedFirst(mount: Mount): Promise<void> {
  const servers = ['a', 'b', 'c']
  await using mounted = await mount(servers)
  for (let round = 0; round < rounds; round++) {
    const picked = await triesOf(mounted, servers.length, round)
    const distinct = new Set(picked).size === servers.length
    mustHold(distinct, `of ${servers.join(', ')} one exchange tried ${picked.join(', ')}`)
  }
}

async function triedAgain(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', 'b'])
  const picked = await triesOf(mounted, 4, 0)
  mustHold(picked.length === 4, `the last of 4 tries found no endpoint after ${picked.join(', ')}`)
}

async function follows(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', 'b', 'c'])
  for (const names of [['b', 'x'], ['y'], ['a', 'b', 'c', 'x', 'y'], ['z', 'a']]) {
    await pickedBy(mounted)
    const endpoints = names.map((name) => ({ url: new URL(serverUrl(name)), weight: 1 }))
    mounted.pool().update(endpoints)
    const stranger = (await pickedBy(mounted)).find((host) => !names.includes(host))
    mustHold(stranger === undefined, `${stranger} was picked; the pool has ${names.join(', ')}`)
  }
  mounted.pool().update([])
  const { error } = await mounted.send()
  mustHold(error?.code === 'GW_SERVICE_UNAVAILABLE', 'something was picked from an empty pool')
}

async function leavesLists(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', { name: 'b', weight: 5 }, { name: 'c', weight: 2 }])
  const { all, available } = mounted.pool()
  const before = [...all, ...available]
  await pickedBy(mounted)
  await triesOf(mounted, 3, 0)
  const same = [...all, ...available].every((endpoint, i) => endpoint === before[i])
  mustHold(same && all.length === available.length, 'the lists of the pool were changed in place')
  mustHold(isIdle(mounted.gateway), 'an endpoint still counts exchanges that have ended')
}

async function streams(mount: Mount): Promise<void> {
  await using mounted = await mount(['a', 'b'])
  const { snapshot } = mounted.gateway
  const connection = memoryConnection('memory', snapshot)
  const attempt = mounted
    .service()
    .begin(new StreamContext(connection, snapshot, new PassThrough()))
  attempt?.release()
  mustHold(attempt !== undefined, 'nothing was picked for a connection without requests')
}

/** Hosts that requests of different clients went to. */
async function pickedBy({ send, upstream }: MountedBalancer): Promise<string[]> {
  const before = upstream.requests.length
  for (let round = 0; round < rounds; round++) {
    const { status, error } = await send({ remoteAddress: clientAddress(round) })
    mustHold(status === 200, `a request was answered ${status} (${error?.code ?? 'no error'})`)
  }
  return upstream.requests.slice(before).map(({ attempt }) => attempt.endpoint.url.host)
}

/** Hosts that one request went to, try after try. */
async function triesOf(
  { send, upstream }: MountedBalancer,
  tries: number,
  client: number,
): Promise<string[]> {
  const before = upstream.requests.length
  await send({ headers: { [triesField]: String(tries) }, remoteAddress: clientAddress(client) })
  return upstream.requests.slice(before).map(({ attempt }) => attempt.endpoint.url.host)
}

function clientAddress(number: number): string {
  return `192.0.2.${number % 256}`
}
