import type { Gateway } from '@gatewright/kernel'
import { metricsOf } from '@gatewright/plugin-metrics'

/** Values by label. */
export type Labels = Readonly<Record<string, string>>

/** What a gateway counts. */
export interface MetricReader {
  /**
   * The value of a metric: the sum of its series that have these labels. `undefined` if there is
   * none.
   */
  readonly get: (name: string, labels?: Labels) => Promise<number | undefined>
  /** Everything, as Prometheus reads it. */
  readonly text: () => Promise<string>
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Reads what the `metrics` block of a configuration counts. */
export function metricReader(gateway: Gateway): MetricReader {
  const text = async (): Promise<string> => (await metricsOf(gateway)?.text()) ?? ''
  const get = async (name: string, labels: Labels = {}): Promise<number | undefined> => {
    const values = (await text()).split('\n').flatMap((each) => valueOf(each, name, labels))
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
  }
  return { get, text }
}

function valueOf(text: string, name: string, labels: Labels): number[] {
  const [, found, written = '', value] = line.exec(text) ?? []
  if (found !== name) return []
  const has = new Map(
    [...written.matchAll(label)].map(([, key = '', each = '']) => [key, unescaped(each)]),
  )
  return Object.entries(labels).every(([key, wanted]) => has.get(key) === wanted)
    ? [Number(value)]
    : []
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
}
