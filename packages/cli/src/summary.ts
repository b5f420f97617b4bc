import type { GatewayConfig } from '@gatewright/kernel'
import { type Listed, listings, type Row } from './listings.ts'

/** How many blocks of each kind there are, and what each of them is. */
export function renderSummary(listed: Listed): string {
  const { entrypoints, routes, services, middlewares } = listings
  return [
    ...section('Entrypoints', entrypoints(listed), ({ address, protocol }) => {
      return ` → ${String(address)} (${String(protocol)})`
    }),
    ...section('Routers', routes(listed), ({ service, rule }) => {
      return ` → service:${String(service)} rule:${String(rule)}`
    }),
    ...section('Services', services(listed), ({ servers, strategy }) => {
      const count = Array.isArray(servers) ? servers.length : 0
      return ` (${count} backends, strategy: ${String(strategy)})`
    }),
    ...section('Middlewares', middlewares(listed), () => ''),
    ...providers(listed.config),
  ].join('\n')
}

function section(title: string, rows: readonly Row[], describe: (row: Row) => string): string[] {
  return [
    `  ${`${title}:`.padEnd(12)} ${rows.length}`,
    ...rows.map((row) => `    - ${row.name}${describe(row)}`),
  ]
}

function providers(config: GatewayConfig): string[] {
  return Object.entries(config.providers)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, options]) => `  ${'Provider:'.padEnd(12)} ${type}${hotReload(type, options)}`)
}

function hotReload(type: string, options: unknown): string {
  const watches =
    type === 'file' && typeof options === 'object' && options !== null && 'watch' in options
  return watches && options.watch === true ? ' (hot reload)' : ''
}
