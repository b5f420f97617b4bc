import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import type { Gateway, RouteVerdict } from '@gatewright/kernel'
import { openSocket, type WsInit } from '../client/open-socket.ts'
import { connect, type RawClient } from '../client/raw-client.ts'
import type { RawResponse } from '../client/raw-response.ts'
import { type RequestInit, request } from '../client/request.ts'
import type { TestSocket } from '../client/test-socket.ts'
import { UdpClient } from '../client/udp-client.ts'
import { type ClockStart, FakeClock, realClock, type TestClock } from '../clock/fake-clock.ts'
import { MemoryFake } from '../fakes/memory-fake.ts'
import {
  type Launch,
  type LaunchOptions,
  launch,
  mustBeClean,
  readConfig,
  type TestConfig,
} from '../gateway/launch.ts'
import { portOf } from '../gateway/start-gateway.ts'
import {
  type Closable,
  type GrpcClientClass,
  type GrpcInit,
  type GrpcOutcome,
  grpcCall,
  grpcClient,
} from '../grpc/grpc-client.ts'
import { collectGarbage } from '../leaks/garbage.ts'
import { ResourceWatch } from '../leaks/resource-watch.ts'
import { MemoryClients } from '../memory/memory-clients.ts'
import type { MemoryResponse } from '../memory/memory-message.ts'
import { inRealTime, nextTurn } from '../real-time.ts'
import type { RecordedLogs } from '../recorded-logs.ts'
import { fakesPlugin } from './fakes-plugin.ts'
import { type FetchInit, fetchFrom } from './fetch.ts'
import { entrypointFor, type InjectInit, sendInitOf } from './inject.ts'
import { type MetricReader, metricReader } from './metric-reader.ts'
import { OpenThings } from './open-things.ts'
import { type PluginInput, usePlugins } from './plugin-input.ts'
import { receive } from './receive.ts'
import { StreamedResponse } from './streamed-response.ts'
import { type FakesByService, wire } from './wiring.ts'

/** How {@link createTestGateway} makes its gateway. */
export interface CreateOptions
  extends Pick<LaunchOptions, 'env' | 'baseDir' | 'logs' | 'pendingTimeoutMs' | 'strict'> {
  /** What is tested: plugins as they are exported, or their files. */
  readonly plugins?: readonly PluginInput[]
  /**
   * HCL text, the URL of a file, or an object. Its entrypoints, and
   * `management`, listen on free ports of the loopback address whatever they say. What it lacks is added: an entrypoint `web`, a service that answers
   * 200, and a router for all requests with every middleware.
   */
  readonly config?: TestConfig
  /**
   * `fake` for a clock that stands still until `clock.advance` moves it; `{ now }` says where it
   * begins. It is that of the whole process until the gateway is closed. Default `real`.
   */
  readonly clock?: 'real' | 'fake' | ClockStart
  /** Fakes by the name of the service whose servers they are. Started and closed with the gateway. */
  readonly upstreams?: FakesByService
}

/** A gateway with everything that a test of a plugin needs. All parts may be taken apart. */
export interface TestBench extends AsyncDisposable {
  readonly gateway: Gateway
  /** Sends a request through the whole gateway without a socket, and reads the response. */
  readonly inject: (request?: InjectInit | string) => Promise<MemoryResponse>
  /** The same as far as the head of the response; the body is read while it comes. */
  readonly stream: (request?: InjectInit | string) => Promise<StreamedResponse>
  /** Over a socket, as `fetch` does it; redirects are not followed. */
  readonly fetch: (target: string | URL, init?: FetchInit) => Promise<Response>
  /** Over a socket, byte for byte what the test says; the response is read strictly. */
  readonly request: (target: string, init?: RequestInit) => Promise<RawResponse>
  /** Opens a connection to an entrypoint, for any bytes. */
  readonly tcp: (entrypoint?: string) => Promise<RawClient>
  /** Opens a WebSocket. Throws GW_TESTING_SWITCH if it is not let in. Needs the package `ws`. */
  readonly ws: (target: string, init?: WsInit) => Promise<TestSocket>
  /** Calls a method of gRPC with an encoded message. Needs the package `@grpc/grpc-js`. */
  readonly grpc: (
    path: string,
    message: string | Uint8Array,
    init?: GrpcInit,
  ) => Promise<GrpcOutcome>
  /** A client of generated code. */
  readonly grpcClient: <C extends Closable>(
    Client: GrpcClientClass<C>,
    entrypoint?: string,
  ) => Promise<C>
  /** A client of UDP in front of an entrypoint. */
  readonly udp: (entrypoint?: string) => Promise<UdpClient>
  /** The server of a configuration without services: in memory, answers 200. */
  readonly upstream: MemoryFake
  /** Of the entrypoint of that name, or of `management`; of the first one without a name. */
  readonly port: (entrypoint?: string) => number
  /** Without a path: `http://127.0.0.1:40123`. */
  readonly url: (entrypoint?: string) => string
  /**
   * Applies another configuration, in front of the same fakes, or the last one again; builds it
   * anew even if nothing changed. Throws what `Gateway.reload` throws.
   */
  readonly reload: (config?: TestConfig) => Promise<void>
  readonly logs: RecordedLogs
  readonly metrics: MetricReader
  readonly clock: TestClock
  /** What every router makes of such a request, in the order in which they are asked. */
  readonly explain: (request?: InjectInit | string) => readonly RouteVerdict[]
  /**
   * Stops the gateway and the fakes. Throws GW_TESTING_LEAK if a plugin left something behind, and
   * GW_TESTING_UPSTREAM if a fake was sent what it must not be sent; not if `strict` is false.
   */
  readonly close: () => Promise<void>
}

/**
 * Starts a gateway with plugins to be tested, from a configuration, in front of fakes. Plugins of
 * Gatewright are found by type. Throws what `parseHcl` and `Gateway.start` throw.
 *
 * @example
 * ```ts
 * await using gw = await createTestGateway({
 *   plugins: [hello],
 *   config: hcl`middlewares "hi" { type = "hello" }`,
 * })
 * const response = await gw.inject('/users')
 * ```
 */
export async function createTestGateway(options: CreateOptions = {}): Promise<TestBench> {
  const { config = {}, upstreams = {}, plugins = [], clock: wanted = 'real', ...rest } = options
  const upstream = new MemoryFake(200)
  const fakes = Object.values(upstreams).flat()
  const watch = new ResourceWatch()
  const where = { ...rest, baseDir: baseDirOf(options) }
  const open = new OpenThings()
  let clock: FakeClock | undefined
  try {
    await Promise.all(fakes.map((fake) => fake.start()))
    for (const fake of fakes) open.after(() => fake.close())
    const first = await readConfig(config, where)
    if (wanted !== 'real') clock = fakeClock(wanted, watch)
    const launched = launch({ ...where, plugins: [fakesPlugin(inMemory([...fakes, upstream]))] })
    const { gateway } = launched
    gateway.hooks.config.tap({ name: '@gatewright/testing', stage: 1 }, (merged) =>
      wire(merged, upstreams, upstream),
    )
    await watch.run(async () => {
      await usePlugins(gateway, plugins, where.baseDir)
      await gateway.start(first)
    })
    return benchOf({ ...launched, watch, open, upstream, clock }, options, where)
  } catch (error) {
    clock?.remove()
    watch[Symbol.dispose]()
    await open.close()
    throw error
  }
}

interface Parts extends Launch {
  readonly watch: ResourceWatch
  readonly open: OpenThings
  readonly upstream: MemoryFake
  readonly clock: FakeClock | undefined
}

function benchOf(
  parts: Parts,
  { config = {}, strict = true }: CreateOptions,
  where: LaunchOptions,
): TestBench {
  const { gateway, logs, watch, open, upstream, clock = realClock } = parts
  const clients = new MemoryClients(gateway.ingress, receive)
  const port = (entrypoint?: string): number => portOf(gateway, entrypoint)
  const url = (entrypoint?: string): string => `http://127.0.0.1:${port(entrypoint)}`
  const enter = (init: InjectInit | string): string =>
    entrypointFor(gateway.snapshot.config, typeof init === 'string' ? undefined : init.entrypoint)
  let applied = config
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= stop(parts, clients, strict))
  return {
    gateway,
    logs,
    upstream,
    clock,
    port,
    url,
    close,
    metrics: metricReader(gateway),
    inject: async (init = {}) => watch.run(() => clients.send(enter(init), sendInitOf(init))),
    stream: async (init = {}) =>
      new StreamedResponse(await watch.run(() => clients.open(enter(init), sendInitOf(init)))),
    fetch: (target, init) =>
      fetchFrom(
        { port: port(init?.entrypoint), opened: (sent) => open.destroyLater(sent) },
        target,
        init,
      ),
    request: (target, init) => request(`${url()}${target}`, init),
    tcp: async (entrypoint) => open.disposeLater(await connect(port(entrypoint))),
    udp: async (entrypoint) => open.disposeLater(await UdpClient.open(port(entrypoint))),
    ws: async (target, init = {}) =>
      open.disposeLater(await openSocket(port(init.entrypoint), target, init)),
    grpc: (path, message, init = {}) => grpcCall(port(init.entrypoint), path, message, init),
    grpcClient: async (Client, entrypoint) =>
      open.closeLater(await grpcClient(port(entrypoint), Client)),
    explain: (init = {}) => clients.explain(enter(init), sendInitOf(init)),
    reload: async (next = applied) => {
      const read = await readConfig(next, where)
      await watch.run(() => gateway.reload(read, { force: true }))
      applied = next
    },
    // All of the gateway would be pages.
    ...{ [inspect.custom]: () => shortForm(gateway) },
    [Symbol.asyncDispose]: close,
  }
}

/** `TestGateway { web: '127.0.0.1:40123' }` */
function shortForm({ state, addresses }: Gateway): string {
  const listening = [...addresses].map(([name, { port }]) => `${name}: '127.0.0.1:${port}'`)
  return `TestGateway { ${[`state: '${state}'`, ...listening].join(', ')} }`
}

async function stop(parts: Parts, clients: MemoryClients, strict: boolean): Promise<void> {
  const { gateway, leaks, watch, open, clock } = parts
  open.leave()
  clock?.flow()
  try {
    await Promise.all([gateway.shutdown(), lastWords(clients)])
    const left = [...leaks.left(), ...(await remaining(watch)), ...(clock?.timers.left() ?? [])]
    if (strict) mustBeClean(left)
  } finally {
    clock?.remove()
    watch[Symbol.dispose]()
    await open.close({ quiet: !strict })
  }
}

function fakeClock(wanted: 'fake' | ClockStart, watch: ResourceWatch): FakeClock {
  const clock = FakeClock.install(wanted === 'fake' ? {} : wanted)
  clock.timers.originOf = () => watch.name('Timeout')
  return clock
}

/** Gives the exchanges in memory up; one that does not end counts as left over. */
async function lastWords(clients: MemoryClients): Promise<void> {
  const ended = clients.drain(AbortSignal.abort())
  await inRealTime(ended, () => 'an exchange goes on').catch(() => undefined)
}

/** What was started and does not go away by itself within some turns of the event loop. */
async function remaining(watch: ResourceWatch): Promise<readonly string[]> {
  for (let turn = 0; turn < 20 && watch.live.length > 0; turn++) {
    await nextTurn()
    // Of some things Node tells that they are gone when their memory is.
    if (turn >= 5) collectGarbage()
  }
  return watch.live
}

function inMemory(fakes: readonly unknown[]): MemoryFake[] {
  return fakes.filter((fake): fake is MemoryFake => fake instanceof MemoryFake)
}

function baseDirOf({ baseDir, config }: CreateOptions): string {
  if (baseDir !== undefined) return baseDir
  return config instanceof URL ? dirname(fileURLToPath(config)) : process.cwd()
}
