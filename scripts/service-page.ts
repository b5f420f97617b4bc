import { type Entry, type GeneratedPage, listTypes } from './generated-page.ts'

/** In the order in which the page has them. */
const entries: readonly Entry[] = [
  { title: '`load_balancer`', folder: 'plugin-http', schema: 'transportSchema' },
  {
    title: '`strategy = "consistent-hash"`',
    folder: 'plugin-load-balancer',
    schema: 'consistentHashSchema',
  },
  {
    title: '`strategy = "least-latency"`',
    folder: 'plugin-load-balancer',
    schema: 'leastLatencySchema',
  },
  {
    title: '`slow_start` and `panic_threshold`',
    folder: 'plugin-load-balancer',
    schema: 'featuresSchema',
  },
  { title: '`health_check`', folder: 'plugin-health-check', schema: 'activeSchema' },
  { title: '`passive_health`', folder: 'plugin-health-check', schema: 'passiveSchema' },
  { title: '`sticky`', folder: 'plugin-sticky', schema: 'schema' },
  { title: '`mirror`', folder: 'plugin-mirror', schema: 'schema' },
  { title: '`failover`', folder: 'plugin-failover', schema: 'schema' },
  { title: '`streaming`', folder: 'plugin-sse', schema: 'schema' },
  { title: '`websocket`', folder: 'plugin-websocket', schema: 'schema' },
  { title: '`scaling`', folder: 'plugin-scaling', schema: 'schema' },
]

/** Has whatever stands in `services` blocks. */
export const servicePage: GeneratedPage = {
  file: 'docs/services.md',
  mark: 'services',
  async list(text) {
    const titles = entries.map(({ title }) => title).join(' ')
    for (const type of await listTypes('service feature')) {
      if (!titles.includes(`\`${type}\``)) throw new Error(`docs/services.md lacks "${type}"`)
    }
    for (const type of await listTypes('balancer')) {
      // In a table that stands there already.
      if (!text.includes(`| \`${type}\` |`)) throw new Error(`docs/services.md lacks "${type}"`)
    }
    return entries
  },
}
