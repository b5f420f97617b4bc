/**
 * The load of a gateway as lines of a screen.
 *
 * @module
 */

import type { styleText } from 'node:util'
import type { TrafficAnswer } from '@gatewright/plugin-management'
import { renderAge, renderMilliseconds, renderRate } from '../figures.ts'
import type { Identity } from '../running/messages.ts'
import { howToCount } from '../status/status-view.ts'
import { type Alignment, renderColumns } from '../table.ts'
import type { Load, Loads } from './load.ts'

/** A line, and how it is to look. */
export interface Line {
  readonly text: string
  readonly style?: Parameters<typeof styleText>[0]
}

/** What there is to show. */
export interface Shown {
  readonly who: Identity
  readonly traffic: TrafficAnswer
  readonly loads: Loads
}

/** How much fits. */
export interface Size {
  readonly rows: number
  readonly columns: number
}

interface Section {
  readonly title: string
  readonly headings: readonly string[]
  readonly alignments: readonly Alignment[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly style?: Line['style'] }[]
}

/** Everything, as far as it fits; without a size, all of it. */
export function renderTop(shown: Shown, size?: Size): Line[] {
  const above = [...head(shown), ...missing(shown)]
  const sections = sectionsOf(shown).filter(({ rows }) => rows.length > 0)
  // Each has an empty line and its headings.
  const room = size === undefined ? undefined : size.rows - above.length - sections.length * 2
  const shares = sharesOf(
    sections.map(({ rows }) => rows.length),
    room,
  )
  const lines = [
    ...above,
    ...sections.flatMap((section, index) => renderSection(section, shares[index] ?? 0)),
  ]
  if (size === undefined) return lines
  return lines.slice(0, size.rows).map((line) => ({ ...line, text: cut(line.text, size.columns) }))
}

function head({ who, traffic, loads }: Shown): Line[] {
  const { state, uptime_secs: uptime, config, workers } = traffic
  const { requests, errors, p50, p99 } = loads.total
  const processes = workers === 1 ? '' : ` with ${workers} workers`
  const where = `process ${who.pid}${processes}, configuration ${config.version} of ${who.file ?? 'no file'}`
  const connections = traffic.open_connections
  return [
    { text: `${state} for ${renderAge(uptime)}: ${where}`, style: 'bold' },
    {
      text: [
        `${renderRate(requests)} requests/s`,
        `${renderRate(errors)} errors/s`,
        `p50 ${renderMilliseconds(p50)}`,
        `p99 ${renderMilliseconds(p99)}`,
        `${traffic.active_requests} active`,
        `${connections ?? '-'} connections`,
      ].join('   '),
    },
  ]
}

function missing({ who, traffic: { counted_by: counter } }: Shown): Line[] {
  if (counter === 'metrics') return []
  const what =
    counter === null
      ? 'requests, errors and latencies'
      : 'latencies, and what goes to services and servers'
  return [{ text: `! ${howToCount(what, who)}`, style: 'yellow' }]
}

const loadHeadings = ['req/s', 'err/s', 'p50', 'p99']
const loadAlignments: readonly Alignment[] = ['right', 'right', 'right', 'right']

function loadCells({ requests, errors, p50, p99 }: Load): string[] {
  return [
    renderRate(requests),
    renderRate(errors),
    renderMilliseconds(p50),
    renderMilliseconds(p99),
  ]
}

function sectionsOf({ loads: { routers, services, servers } }: Shown): Section[] {
  return [
    {
      title: 'routers',
      headings: ['router', 'service', ...loadHeadings],
      alignments: ['left', 'left', ...loadAlignments],
      rows: routers.map((router) => ({
        cells: [router.name, router.service, ...loadCells(router)],
      })),
    },
    {
      title: 'services',
      headings: ['service', 'healthy', 'active', ...loadHeadings],
      alignments: ['left', 'right', 'right', ...loadAlignments],
      rows: services.map((service) => {
        const { name, healthy, servers: count, active } = service
        return {
          cells: [name, `${healthy}/${count}`, String(active), ...loadCells(service)],
          ...(healthy < count && { style: 'red' as const }),
        }
      }),
    },
    {
      title: 'servers',
      headings: ['server', 'service', 'state', 'weight', 'active', 'req/s'],
      alignments: ['left', 'left', 'left', 'right', 'right', 'right'],
      rows: servers.map(({ url, service, state, weight, active, requests }) => ({
        cells: [url, service, state, String(weight), String(active), renderRate(requests)],
        ...(state.endsWith('down') && { style: 'red' as const }),
      })),
    },
  ]
}

function renderSection(section: Section, share: number): Line[] {
  const { title, headings, alignments, rows } = section
  if (share <= 0) return []
  const fits = rows.length <= share
  const shown = fits ? rows : rows.slice(0, share - 1)
  const [first = '', ...lines] = renderColumns(
    headings,
    shown.map(({ cells }) => cells),
    alignments,
  ).split('\n')
  return [
    { text: '' },
    { text: first, style: 'bold' },
    ...lines.map((text, index) => {
      const style = shown[index]?.style
      return { text, ...(style !== undefined && { style }) }
    }),
    ...(fits ? [] : [{ text: `… and ${rows.length - shown.length} more ${title}` }]),
  ]
}

/** How many lines each gets of the room there is: what one does not need the others have. */
export function sharesOf(wanted: readonly number[], room: number | undefined): number[] {
  if (room === undefined) return [...wanted]
  const shares = wanted.map(() => 0)
  let left = Math.max(0, room)
  while (left > 0 && shares.some((share, index) => share < (wanted[index] ?? 0))) {
    for (const [index, share] of shares.entries()) {
      if (left === 0 || share >= (wanted[index] ?? 0)) continue
      shares[index] = share + 1
      left--
    }
  }
  return shares
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
