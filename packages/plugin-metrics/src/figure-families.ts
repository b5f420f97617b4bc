import type { Figure, Registry, Snapshot } from '@gatewright/kernel'
import type { Family } from './family.ts'

/** What other plugins count, as families; those that the configuration does not use are left out. */
export function figureFamilies(
  figures: Registry<Figure>,
  snapshot: Snapshot,
  onError: (figure: string, error: unknown) => void,
): Family[] {
  return figures.types().flatMap((type) => {
    const figure = figures.get(type)
    const { kind, help, labels, across = 'sum' } = figure
    try {
      const samples = [...figure.read(snapshot)].filter(
        ({ labels: { length } }) => length === labels.length,
      )
      return [{ name: type, type: kind, help, labels, across, samples }]
    } catch (error) {
      onError(type, error)
      return []
    }
  })
}
