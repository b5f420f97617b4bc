/**
 * What `config` lists, taken from a configuration without secrets. Sorted by name.
 *
 * @module
 */
import type { Blueprint, GatewayConfig } from '@gatewright/kernel'
import { renderColumns } from './table.ts'

/** One line of a listing; the keys are the columns. */
export type Row = Readonly<Record<string, unknown>> & { readonly name: string }

/** What a listing is made from. */
export interface Listed {
  readonly config: GatewayConfig
  /** Names of the plugins that the configuration uses. */
  readonly plugins: ReadonlySet<string>
  /** Router → the priority that it really has. */
  readonly priorities: ReadonlyMap<string, number>
}

/** The listings by the name of their subcommand. */
export const listings = {
  entrypoints: ({ config }) =>
    rows(config.entrypoints, ({ address, protocol }) => ({ address, protocol })),
  routes: ({ config, priorities }) =>
    rows(config.routers, ({ rule, service, middlewares, entrypoints, priority }, name) => ({
      rule,
      service,
      middlewares,
      entrypoints,
      priority: priorities.get(name) ?? priority,
    })),
  services: ({ config }) => rows(config.services, describeService),
  middlewares: ({ config }) => rows(config.middlewares, ({ type }) => ({ type })),
  plugins: ({ plugins }) => [...plugins].toSorted().map((name) => ({ name })),
} as const satisfies Readonly<Record<string, (listed: Listed) => Row[]>>

/** Name of a listing. */
export type ListingName = keyof typeof listings

/** What there is to list, of a configuration without secrets. */
export function listedOf(blueprint: Blueprint, config: GatewayConfig): Listed {
  return { config, plugins: blueprint.plugins, priorities: prioritiesOf(blueprint) }
}

/** What routers are sorted by: without a priority of their own, the length of their rules. */
function prioritiesOf({ config, routers }: Blueprint): Listed['priorities'] {
  const asWritten = config['priority_order'] === 'ascending'
  return new Map(
    routers.map(({ name, rule, priority }) => [
      name,
      priority === 0 && !asWritten ? rule.length : priority,
    ]),
  )
}

/** Rows as a table with a heading. */
export function renderTable(table: readonly Row[]): string {
  const [first] = table
  if (first === undefined) return 'none'
  const columns = Object.keys(first)
  return renderColumns(
    columns,
    table.map((row) => columns.map((column) => renderCell(row[column]))),
  )
}

/** The labelled blocks of a section in the order of their names. */
function rows<B>(
  blocks: Readonly<Record<string, B>>,
  describe: (block: B, name: string) => Readonly<Record<string, unknown>>,
): Row[] {
  return Object.entries(blocks)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, block]) => ({ name, ...describe(block, name) }))
}

function describeService({
  load_balancer: balancing,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // The kernel reads this block itself and fills in its defaults.
  const { strategy, servers } = balancing as {
    readonly strategy: string
    readonly servers: readonly Server[]
  }
  return { strategy, servers }
}

interface Server {
  readonly url: string
  readonly weight: number
}

function renderCell(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(renderCell).join(', ')
  return isServer(value) ? renderServer(value) : String(value)
}

function renderServer({ url, weight }: Server): string {
  return weight === 1 ? url : `${url} (weight ${weight})`
}

function isServer(value: unknown): value is Server {
  return typeof value === 'object' && value !== null && 'url' in value
}
