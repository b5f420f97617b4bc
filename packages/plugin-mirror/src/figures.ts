import type { Figure, FigureSample, Snapshot } from '@gatewright/kernel'
import { type MirrorCounts, mirrorCountsOf } from './mirror-counts.ts'

/** What became of the copies, and how many are under way. */
export const mirrorFigures: readonly Figure[] = [
  {
    type: 'mirror_requests_total',
    kind: 'counter',
    help: 'Copies of requests by what became of them',
    labels: ['service', 'shadow', 'outcome'],
    read: (snapshot) =>
      read(snapshot, ({ service, shadow, outcomes }) =>
        Object.entries(outcomes).map(([outcome, value]) => ({
          labels: [service, shadow, outcome],
          value,
        })),
      ),
  },
  {
    type: 'mirror_differences_total',
    kind: 'counter',
    help: 'Copies that were answered differently',
    labels: ['service', 'shadow'],
    read: (snapshot) =>
      read(snapshot, ({ service, shadow, differs }) => [
        { labels: [service, shadow], value: differs },
      ]),
  },
  {
    type: 'mirror_requests_in_flight',
    kind: 'gauge',
    help: 'Copies of requests under way',
    labels: ['service', 'shadow'],
    read: (snapshot) =>
      read(snapshot, ({ service, shadow, inFlight }) => [
        { labels: [service, shadow], value: inFlight },
      ]),
  },
]

function read(
  snapshot: Snapshot,
  samplesOf: (counts: MirrorCounts) => FigureSample[],
): FigureSample[] {
  return [...snapshot.services.values()].flatMap((service) => {
    const counts = mirrorCountsOf(service)
    return counts === undefined ? [] : samplesOf(counts)
  })
}
