import type { RunningGateway } from '@gatewright/kernel'

/** A provider and how it does. */
export interface ProviderAnswer {
  readonly name: string
  readonly status: 'starting' | 'synced' | 'degraded' | 'failed'
  /** Parts that are not in force as they are. */
  readonly refused: readonly {
    readonly source: string
    readonly stand_in: 'last good' | 'nothing'
    readonly problems: readonly string[]
  }[]
}

/** The providers that run. */
export function providersOf({ providers }: RunningGateway): ProviderAnswer[] {
  return providers.map(({ type, state, refused }) => ({
    name: type,
    status: state,
    refused: refused.map(({ source, standIn, problems }) => ({
      source,
      stand_in: standIn,
      problems: problems.map(({ message }) => message),
    })),
  }))
}
