import type { ExtensionKind, Plugin } from '@gatewright/kernel'

/** Loads a plugin package; its default export is the plugin. */
type Load = () => Promise<{ readonly default: Plugin }>

const http: Load = () => import('@gatewright/plugin-http')
const grpc: Load = () => import('@gatewright/plugin-grpc')
const tcp: Load = () => import('@gatewright/plugin-tcp')
const udp: Load = () => import('@gatewright/plugin-udp')
const router: Load = () => import('@gatewright/plugin-router')
const loadBalancer: Load = () => import('@gatewright/plugin-load-balancer')
const apiKey: Load = () => import('@gatewright/plugin-api-key')
const basicAuth: Load = () => import('@gatewright/plugin-basic-auth')
const addPrefix: Load = () => import('@gatewright/plugin-add-prefix')
const redirect: Load = () => import('@gatewright/plugin-redirect')
const replacePath: Load = () => import('@gatewright/plugin-replace-path')
const stripPrefix: Load = () => import('@gatewright/plugin-strip-prefix')
const tcpFilter: Load = () => import('@gatewright/plugin-tcp-filter')
const bodyLimit: Load = () => import('@gatewright/plugin-body-limit')
const cors: Load = () => import('@gatewright/plugin-cors')
const headers: Load = () => import('@gatewright/plugin-headers')
const circuitBreaker: Load = () => import('@gatewright/plugin-circuit-breaker')
const compress: Load = () => import('@gatewright/plugin-compress')
const ipAllow: Load = () => import('@gatewright/plugin-ip-allow')
const jwt: Load = () => import('@gatewright/plugin-jwt')
const forwardAuth: Load = () => import('@gatewright/plugin-forward-auth')
const debug: Load = () => import('@gatewright/plugin-debug')
const failover: Load = () => import('@gatewright/plugin-failover')
const scaling: Load = () => import('@gatewright/plugin-scaling')
const healthCheck: Load = () => import('@gatewright/plugin-health-check')
const sse: Load = () => import('@gatewright/plugin-sse')
const websocket: Load = () => import('@gatewright/plugin-websocket')
const sticky: Load = () => import('@gatewright/plugin-sticky')
const retry: Load = () => import('@gatewright/plugin-retry')
const accessLog: Load = () => import('@gatewright/plugin-access-log')
const management: Load = () => import('@gatewright/plugin-management')
const metrics: Load = () => import('@gatewright/plugin-metrics')
const observability: Load = () => import('@gatewright/plugin-observability')
const tracing: Load = () => import('@gatewright/plugin-tracing')
const mirror: Load = () => import('@gatewright/plugin-mirror')
const providerFile: Load = () => import('@gatewright/plugin-provider-file')
const rateLimit: Load = () => import('@gatewright/plugin-rate-limit')
const rateLimitRedis: Load = () => import('@gatewright/plugin-rate-limit-redis')

/**
 * Which first-party package has which type. Transports stand under the scheme of their servers,
 * service features and sections under the name of their block, entrypoint features also under each
 * of their keys.
 */
export const firstParty: Readonly<Partial<Record<ExtensionKind, Readonly<Record<string, Load>>>>> =
  {
    protocol: { http, tcp, udp },
    routing: { rules: router },
    transport: {
      http,
      https: http,
      ws: http,
      wss: http,
      h2c: http,
      grpc,
      grpcs: grpc,
      tcp,
      tls: tcp,
      udp,
    },
    balancer: {
      'round-robin': loadBalancer,
      weighted: loadBalancer,
      'least-connections': loadBalancer,
      random: loadBalancer,
      'random-two-choices': loadBalancer,
      'consistent-hash': loadBalancer,
      'ip-hash': loadBalancer,
      'least-latency': loadBalancer,
    },
    'entrypoint feature': {
      'tcp-filter': tcpFilter,
      max_connections: tcpFilter,
      max_connections_per_ip: tcpFilter,
      max_connections_per_second: tcpFilter,
      tcp_allowed_ips: tcpFilter,
      tcp_denied_ips: tcpFilter,
      reset_refused: tcpFilter,
    },
    upgrade: { websocket },
    middleware: {
      'add-prefix': addPrefix,
      'api-key': apiKey,
      'basic-auth': basicAuth,
      'body-limit': bodyLimit,
      'circuit-breaker': circuitBreaker,
      compress,
      cors,
      'forward-auth': forwardAuth,
      'grpc-web': grpc,
      headers,
      'ip-allow': ipAllow,
      jwt,
      'rate-limit': rateLimit,
      'rate-limit-redis': rateLimitRedis,
      redirect,
      'replace-path': replacePath,
      retry,
      'strip-prefix': stripPrefix,
    },
    'service feature': {
      health_check: healthCheck,
      passive_health: healthCheck,
      failover,
      mirror,
      scaling,
      sticky,
      streaming: sse,
      websocket,
      slow_start: loadBalancer,
      panic_threshold: loadBalancer,
    },
    provider: { file: providerFile },
    section: {
      access_log: accessLog,
      debug,
      io: http,
      management,
      metrics,
      observability,
      tracing,
    },
  }

/** Plugins that come along with a type: what clients of its protocol may ask for by themselves. */
export const companions: Readonly<
  Partial<Record<ExtensionKind, Readonly<Record<string, readonly Load[]>>>>
> = { protocol: { http: [grpc, websocket] } }

/** The first-party plugin of that name; `undefined` if there is none. */
export async function firstPartyNamed(name: string): Promise<Plugin | undefined> {
  if (!name.startsWith('@gatewright/plugin-')) return undefined
  return (await loadAll()).find((plugin) => plugin.name === name)
}

/** Every first-party plugin, each once. */
export async function loadAll(): Promise<Plugin[]> {
  const loads = new Set(Object.values(firstParty).flatMap((types) => Object.values(types ?? {})))
  const modules = await Promise.all([...loads].map((load) => load()))
  return modules.map((module) => module.default)
}
