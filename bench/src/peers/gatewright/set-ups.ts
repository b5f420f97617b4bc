import { fileURLToPath } from 'node:url'
import { removablePrefix } from '../../load/load.ts'
import { allowedOrigin, hugeRate } from '../five-middlewares.ts'
import type { Extras } from './configuration.ts'

/** One way to configure Gatewright; each is a candidate of its own. */
export interface SetUp {
  readonly name: string
  readonly title: string
  /** How many routers it has; only the peers have as many as the task asks for. */
  readonly routers: number
  readonly extras: Extras
}

const taps = fileURLToPath(new URL('./taps.ts', import.meta.url))

const metrics = 'metrics {\n}\n'
/** Into the folder of the configuration, as nginx writes its own. */
const jsonLog = 'access_log {\noutput = "access.log"\n}\n'

/** One route and nothing else. */
const bare: SetUp = {
  name: 'gatewright',
  title: 'Gatewright, one route',
  routers: 1,
  extras: {},
}

/** Nothing but routers, and many of them. */
const manyRouters: SetUp = {
  name: 'gatewright-routers',
  title: 'Gatewright, 1,000 hosts',
  routers: 1000,
  extras: {},
}

/** What a gateway in earnest has, but for metrics and log. */
const full: SetUp = {
  name: 'gatewright-full',
  title: 'Gatewright, 200 hosts and 15 taps',
  routers: 200,
  extras: { plugin: taps },
}

/** The same with metrics and an access log. */
const logged: SetUp = {
  name: 'gatewright-logged',
  title: 'Gatewright, 200 hosts, 15 taps, metrics and JSON access log',
  routers: 200,
  extras: {
    plugin: taps,
    blocks: metrics + jsonLog,
  },
}

/** The packages of what is below, loaded and told to do nothing. */
const unobserved: SetUp = {
  name: 'gatewright-off',
  title: 'Gatewright with the packages for metrics, log and traces, none in use',
  routers: 1,
  extras: {
    blocks: ['metrics', 'access-log', 'tracing', 'debug']
      .map((name) => `plugins "${name}" {\nsource = "@gatewright/plugin-${name}"\n}\n`)
      .join(''),
  },
}

/** Counts and histograms. */
const measured: SetUp = {
  name: 'gatewright-metrics',
  title: 'Gatewright, metrics',
  routers: 1,
  extras: { blocks: metrics },
}

/** Both, and nothing else. */
const observed: SetUp = {
  name: 'gatewright-observed',
  title: 'Gatewright, metrics and JSON access log',
  routers: 1,
  extras: { blocks: metrics + jsonLog },
}

/** Traces are handed on, and nothing is sent. */
const traced: SetUp = {
  name: 'gatewright-traced',
  title: 'Gatewright, propagation of traces',
  routers: 1,
  extras: { blocks: 'tracing {\nrequest_id = "none"\n}\n' },
}

/** Timelines may be asked for, and nobody asks. */
const debugged: SetUp = {
  name: 'gatewright-debug',
  title: 'Gatewright, timelines that nobody asks for',
  routers: 1,
  extras: { blocks: 'debug {\nallow = ["127.0.0.1"]\n}\n' },
}

/** Five middlewares that need nobody else. */
const fiveMiddlewares: SetUp = {
  name: 'gatewright-five',
  title: 'Gatewright, five middlewares',
  routers: 1,
  extras: {
    middlewares: {
      address: 'type = "ip-allow"\nallowed_ips = ["127.0.0.0/8"]',
      origin: `type = "cors"\nallowed_origins = ["${allowedOrigin}"]`,
      limit: `type = "rate-limit"\nrate = ${hugeRate}\nburst = ${hugeRate}`,
      fields: 'type = "headers"\nresponse_headers = { x-frame-options = "DENY" }',
      prefix: `type = "strip-prefix"\nprefixes = ["${removablePrefix}"]`,
    },
  },
}

/** Input and output by public interfaces of Node only. */
const portable: SetUp = {
  name: 'gatewright-portable',
  title: 'Gatewright, portable input and output',
  routers: 1,
  extras: { blocks: 'io = "portable"' },
}

/** Requests of many clients on few upstream connections. */
const pipelined: SetUp = {
  name: 'gatewright-pipeline',
  title: 'Gatewright, pipelining to the upstream',
  routers: 1,
  extras: { loadBalancer: 'pipeline = true' },
}

/** More than one process on one port. */
const workers: SetUp = {
  name: 'gatewright-workers',
  title: 'Gatewright, two workers',
  routers: 1,
  extras: { blocks: 'workers = 2' },
}

/** All of them, the plain one first. */
export const setUps: readonly SetUp[] = [
  bare,
  manyRouters,
  full,
  logged,
  unobserved,
  measured,
  observed,
  traced,
  debugged,
  fiveMiddlewares,
  portable,
  pipelined,
  workers,
]
