import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Family, metricsOf } from '@gatewright/plugin-metrics'
import { loadAll } from '@gatewright/standard'
import { startGateway } from '@gatewright/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Asked, askedIn } from './support/promql.ts'

const folder = join(import.meta.dirname, '../deploy/observability')
/** Labels that Prometheus and its targets add, and those of histograms. */
const given = ['job', 'instance', 'le']

let families: ReadonlyMap<string, Family>

beforeAll(async () => {
  await using gateway = await startGateway('metrics {}', { plugins: await loadAll() })
  const all = (await metricsOf(gateway.gateway)?.families()) ?? []
  families = new Map(all.map((family) => [family.name, family]))
})

describe('the dashboard', () => {
  const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as Dashboard
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')
  const targets = panels.flatMap(({ title, targets: queries = [] }) =>
    queries.map((target) => ({ title, ...target })),
  )

  it.each(targets)('asks in "$title" for what there is: $expr', ({ expr, legendFormat }) => {
    const asked = askedIn(expr)

    expect(asked.metrics.length).toBeGreaterThan(0)
    expect(problemsOf(asked, families)).toEqual([])
    const shown = [...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label)
    expect(shown.filter((label) => !asked.grouped.includes(label))).toEqual([])
  })

  it('has panels with titles and numbers of their own, none on top of another', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)

    expect(panels.length).toBeGreaterThan(30)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(places).size).toBe(places.length)
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  })

  it('shows most of what is counted', () => {
    const shown = new Set(
      targets.flatMap(({ expr }) => askedIn(expr).metrics.map(({ name }) => name)),
    )
    const left = [...families.values()]
      .filter(({ name }) => name.startsWith('gateway_'))
      .filter(({ name }) => ![...shown].some((one) => familyNameOf(one, families) === name))
      .map(({ name }) => name)

    expect(left.length).toBeLessThan(families.size / 3)
  })
})

describe('the alerts', () => {
  const text = readFileSync(join(folder, 'alerts.yml'), 'utf8')
  const alerts = text
    .split(/^ +- alert: /m)
    .slice(1)
    .map((rule) => ({
      name: /^\w+/.exec(rule)?.[0] ?? '',
      expr: exprOf(rule),
      labels: [...rule.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    }))

  it('are all found here', () => {
    expect(alerts.length).toBe(text.match(/expr:/g)?.length)
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length)
  })

  it.each(alerts)('$name asks for what there is: $expr', ({ expr, labels }) => {
    const asked = askedIn(expr)

    expect(asked.metrics.length).toBeGreaterThan(0)
    expect(problemsOf(asked, families)).toEqual([])
    const known = asked.grouped.length > 0 ? asked.grouped : labelsOf(asked, families)
    expect(labels.filter((label) => !known.includes(label))).toEqual([])
  })
})

describe('what finds such mistakes', () => {
  it.each([
    ['gateway_no_such_total', ['no gateway_no_such_total']],
    ['rate(gateway_request_duration_seconds[5m])', ['no gateway_request_duration_seconds']],
    ['gateway_requests_total{router="a"}', ['gateway_requests_total has no router']],
    ['sum by (servcie) (gateway_backend_healthy)', ['nothing has servcie']],
    ['sum by (le) (rate(gateway_service_ttft_seconds_bucket{service="a"}[5m]))', []],
  ])('sees those of %s', (expr, problems) => {
    expect(problemsOf(askedIn(expr), families)).toEqual(problems)
  })
})

interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly type: string
    readonly title: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number }
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

/** What is asked for in vain. */
function problemsOf({ metrics, grouped }: Asked, known: ReadonlyMap<string, Family>): string[] {
  const all = labelsOf({ metrics, grouped }, known)
  return [
    ...metrics.flatMap(({ name, labels }) => {
      const family = known.get(familyNameOf(name, known) ?? '')
      if (family === undefined) return name === 'up' ? [] : [`no ${name}`]
      return labels
        .filter((label) => !given.includes(label) && !family.labels.includes(label))
        .map((label) => `${name} has no ${label}`)
    }),
    ...grouped.filter((label) => !all.includes(label)).map((label) => `nothing has ${label}`),
  ]
}

function labelsOf({ metrics }: Asked, known: ReadonlyMap<string, Family>): string[] {
  return [
    ...given,
    ...metrics.flatMap(({ name }) => known.get(familyNameOf(name, known) ?? '')?.labels ?? []),
  ]
}

/** Histograms and samples have no series of their own name. */
function familyNameOf(metric: string, known: ReadonlyMap<string, Family>): string | undefined {
  const family = known.get(metric)
  if (family !== undefined) return isNumber(family) ? metric : undefined
  const bare = metric.replace(/_(?:bucket|sum|count)$/, '')
  const whole = known.get(bare)
  if (whole === undefined || isNumber(whole)) return undefined
  return whole.type === 'histogram' || !metric.endsWith('_bucket') ? bare : undefined
}

function isNumber({ type }: Family): boolean {
  return type === 'counter' || type === 'gauge'
}

/** Of one line, or of those that are indented further. */
function exprOf(rule: string): string {
  const [, first = '', rest = ''] = /^( +)expr:(?: >-\n((?:\1 +.*\n)+))?/m.exec(rule) ?? []
  if (rest !== '') return rest.replaceAll(/\n */g, ' ').trim()
  return new RegExp(`^${first}expr: (.*)$`, 'm').exec(rule)?.[1] ?? ''
}
