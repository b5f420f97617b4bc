/**
 * What the kernel counts itself: configurations, and what providers contribute to them.
 *
 * @module
 */
import type { Figure, FigureSample } from './figure.ts'
import type { ProviderStatus } from './provider.ts'
import type { RunningGateway } from './running-gateway.ts'

/** What became of a configuration that came after the first one. */
export type ReloadResult = 'applied' | 'rejected' | 'unchanged'

/** Counts configurations. */
export class ReloadCounts {
  readonly results: Record<ReloadResult, number> = { applied: 0, rejected: 0, unchanged: 0 }
  /** `Date.now()` when a configuration was last found to be in order. */
  succeededAt: number = Date.now()

  add(result: ReloadResult): void {
    this.results[result]++
    if (result !== 'rejected') this.succeededAt = Date.now()
  }
}

/** What the kernel registers in `figures`. Processes that work alike each take every configuration. */
export function kernelFigures(running: RunningGateway): Figure[] {
  const each = (samplesOf: (status: ProviderStatus) => FigureSample[]): FigureSample[] =>
    running.providers.flatMap((status) => samplesOf(status))
  return [...reloadFigures(running.reloads), ...providerFigures(each)]
}

function reloadFigures(reloads: ReloadCounts): Figure[] {
  return [
    {
      type: 'config_reload_total',
      kind: 'counter',
      help: 'Configurations that came after the first one',
      labels: ['result'],
      across: 'max',
      read: () =>
        Object.entries(reloads.results).map(([result, value]) => ({ labels: [result], value })),
    },
    {
      type: 'config_last_reload_success_timestamp_seconds',
      kind: 'gauge',
      help: 'When a configuration was last found to be in order',
      labels: [],
      across: 'max',
      read: () => [{ labels: [], value: reloads.succeededAt / 1000 }],
    },
    {
      type: 'config_version',
      kind: 'gauge',
      help: 'How many configurations were applied since the start',
      labels: [],
      across: 'max',
      read: ({ version }) => [{ labels: [], value: version }],
    },
  ]
}

type EachStatus = (samplesOf: (status: ProviderStatus) => FigureSample[]) => FigureSample[]

function providerFigures(each: EachStatus): Figure[] {
  const perProvider = { kind: 'gauge', labels: ['provider'], across: 'max' } as const
  return [
    {
      ...perProvider,
      type: 'provider_up',
      help: '1 for providers that have contributed and did not fail since',
      across: 'min',
      read: () => each(({ type, state }) => [{ labels: [type], value: isUp(state) ? 1 : 0 }]),
    },
    {
      ...perProvider,
      type: 'provider_last_sync_timestamp_seconds',
      help: 'When a provider last contributed something',
      read: () =>
        each(({ type, syncedAt }) =>
          syncedAt === undefined ? [] : [{ labels: [type], value: syncedAt / 1000 }],
        ),
    },
    {
      ...perProvider,
      type: 'provider_sync_total',
      kind: 'counter',
      help: 'How often providers contributed something, or failed to',
      labels: ['provider', 'result'],
      read: () =>
        each(({ type, syncs }) =>
          Object.entries(syncs).map(([result, value]) => ({ labels: [type, result], value })),
        ),
    },
    {
      ...perProvider,
      type: 'provider_objects',
      help: 'What the active configuration has of a provider',
      labels: ['provider', 'kind'],
      read: () =>
        each(({ type, objects }) =>
          Object.entries(objects).map(([kind, value]) => ({ labels: [type, kind], value })),
        ),
    },
    {
      ...perProvider,
      type: 'provider_rejected_objects',
      help: 'Parts of a provider that are not in force as they are',
      read: () => each(({ type, refused }) => [{ labels: [type], value: refused.length }]),
    },
  ]
}

function isUp(state: ProviderStatus['state']): boolean {
  return state === 'synced' || state === 'degraded'
}
