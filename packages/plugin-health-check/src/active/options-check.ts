import { type Endpoint, withoutUrlSecrets } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { HealthCheckOptions } from '../options.ts'

const ofRequests = [
  'path',
  'method',
  'status',
  'headers',
  'host',
  'scheme',
  'body_contains',
] as const satisfies readonly (keyof HealthCheckOptions)[]

/** What each mode has no use for. */
const unused: Readonly<Record<HealthCheckOptions['mode'], readonly (keyof HealthCheckOptions)[]>> =
  {
    http: ['service'],
    grpc: ofRequests,
    tcp: [...ofRequests, 'service'],
  }

/** Throws GW_HEALTH_CHECK_UNUSED if a key that was written would have no effect. */
export function checkTogether(options: HealthCheckOptions): void {
  const { mode, method, body_contains: text } = options
  const key = unused[mode].find((name) => options[name] !== undefined)
  if (key !== undefined) {
    throw errors.GW_HEALTH_CHECK_UNUSED({ key, beside: `mode "${mode}"` }, { option: [key] })
  }
  // There is no body then.
  if (method !== 'HEAD' || text === undefined) return
  const params = { key: 'body_contains', beside: 'method "HEAD"' }
  throw errors.GW_HEALTH_CHECK_UNUSED(params, { option: ['body_contains'] })
}

/** What can be asked with a request as it is, and what stands in for that in tests. */
const speakHttp: ReadonlySet<string> = new Set([
  'http:',
  'https:',
  'h2c:',
  'grpc:',
  'grpcs:',
  'ws:',
  'wss:',
  'memory:',
])

/** Throws GW_HEALTH_CHECK_NOT_HTTP if a server would be out for what it speaks. */
export function checkServers(
  { mode, scheme }: HealthCheckOptions,
  servers: readonly Endpoint[],
): void {
  if (mode !== 'http' || scheme !== undefined) return
  const other = servers.find(({ url }) => !speakHttp.has(url.protocol))
  if (other === undefined) return
  throw errors.GW_HEALTH_CHECK_NOT_HTTP({ url: withoutUrlSecrets(other.url.href) })
}
