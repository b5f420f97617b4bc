import { readFile } from 'node:fs/promises'
import { problemOf } from '@gatewright/kernel'
import { errors } from './errors.js'

/** @import { GatewayConfigInput } from '@gatewright/kernel' */

/**
 * What a file says: a router and a service for each path prefix. Throws GW_MY_PLUGIN_FILE.
 *
 * @param {string} file
 */
export async function readRoutes(file) {
  try {
    return configOf(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw errors.GW_MY_PLUGIN_FILE({ file, problem: problemOf(error) }, { cause: error })
  }
}

/**
 * `{ "/api": ["http://10.0.0.1"] }` as blocks of a configuration.
 *
 * @param {unknown} routes
 * @returns {GatewayConfigInput}
 */
function configOf(routes) {
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

/**
 * @param {unknown} value
 * @returns {value is Readonly<Record<string, readonly string[]>>}
 */
function isRoutes(value) {
  return typeof value === 'object' && value !== null && Object.values(value).every(isUrls)
}

/** @param {unknown} value */
function isUrls(value) {
  return Array.isArray(value) && value.every((url) => typeof url === 'string')
}
