import type { Figure, FigureSample, Registry, Snapshot } from '@gatewright/kernel'
import type { Family } from './family.ts'

/** What other plugins count, as families; those that the configuration does not use are left out. */
export function figureFamilies(
  figures: Registry<Figure>,
  snapshot: Snapshot,
  nameOf: (url: URL) => string,
  onError: (figure: string, error: unknown) => void,
): Family[] {
  return figures.types().flatMap((type) => {
    const figure = figures.get(type)
    const { kind, help, labels, across = 'sum' } = figure
    try {
      const samples = [...figure.read(snapshot)].filter(
        (sample) => sample.labels.length === labels.length,
      )
      const place = labels.indexOf('backend')
      const named = place < 0 ? samples : samples.map((sample) => renamed(sample, place, nameOf))
      return [{ name: type, type: kind, help, labels, across, samples: named }]
    } catch (error) {
      onError(type, error)
      return []
    }
  })
}

/** Servers are called alike, whoever tells of them. */
function renamed(sample: FigureSample, place: number, nameOf: (url: URL) => string): FigureSample {
  const url = URL.parse(sample.labels[place] ?? '')
  return url === null ? sample : { ...sample, labels: sample.labels.with(place, nameOf(url)) }
}
