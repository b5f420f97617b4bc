import { readFile } from 'node:fs/promises'
import { type GatewayConfigInput, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** What a file says: a router and a service for each path prefix. Throws GW_MY_PLUGIN_FILE. */
export async function readRoutes(file: string): Promise<GatewayConfigInput> {
  try {
    return configOf(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw errors.GW_MY_PLUGIN_FILE({ file, problem: problemOf(error) }, { cause: error })
  }
}

/** `{ "/api": ["http://10.0.0.1"] }` as blocks of a configuration. */
function configOf(routes: unknown): GatewayConfigInput {
  if (!isRoutes(routes)) throw new Error('expected an object of path prefixes with lists of URLs')
  const entries = Object.entries(routes).map(([prefix, urls]) => ({
    name: `my-plugin${prefix.replaceAll('/', '-')}`,
    rule: `PathPrefix(\`${prefix}\`)`,
    servers: urls.map((url) => ({ url })),
  }))
  return {
    routers: Object.fromEntries(entries.map(({ name, rule }) => [name, { rule, service: name }])),
    services: Object.fromEntries(
      entries.map(({ name, servers }) => [name, { load_balancer: { servers } }]),
    ),
  }
}

function isRoutes(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isUrls)
}

function isUrls(value: unknown): boolean {
  return Array.isArray(value) && value.every((url) => typeof url === 'string')
}
