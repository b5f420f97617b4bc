import {
  definePlugin,
  type Figure,
  figures,
  type Plugin,
  type Registry,
  type Snapshot,
} from '@gatewright/kernel'

/** The figures of the plugins beside which it stands. */
export interface RecordedFigures {
  /** To be given to the gateway. */
  readonly plugin: Plugin
  /** The values at present, by name and labels: `queue_depth{service="app"}`. */
  read(gateway: { readonly snapshot: Snapshot }): Readonly<Record<string, number>>
}

/** Reads the figures of plugins, as metrics do. */
export function recordFigures(): RecordedFigures {
  let registry: Registry<Figure> | undefined
  const plugin = definePlugin({
    name: 'recorded-figures',
    setup: (gateway) => {
      registry = gateway.registry(figures)
    },
  })
  return {
    plugin,
    read({ snapshot }) {
      const values: Record<string, number> = {}
      for (const type of registry?.types() ?? []) {
        const figure = registry?.get(type)
        if (figure === undefined) continue
        for (const { labels, value } of figure.read(snapshot)) {
          values[nameOf(figure, labels)] = value
        }
      }
      return values
    },
  }
}

function nameOf(figure: Figure, values: readonly string[]): string {
  if (values.length !== figure.labels.length)
    throw new Error(`labels of ${figure.type} are missing`)
  const labels = figure.labels.map((label, index) => `${label}=${JSON.stringify(values[index])}`)
  return labels.length === 0 ? figure.type : `${figure.type}{${labels.join(',')}}`
}
