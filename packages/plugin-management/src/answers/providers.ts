import type { RunningGateway } from '@gatewright/kernel'

/** A provider and how it does. */
export interface ProviderAnswer {
  readonly name: string
  readonly status: 'starting' | 'synced' | 'degraded' | 'failed'
  /** Why it is `failed`. */
  readonly problem: string | null
  /** Parts that are not in force as they are. */
  readonly refused: readonly {
    readonly source: string
    readonly stand_in: 'last good' | 'nothing'
    readonly problems: readonly string[]
  }[]
}

/** The providers that run. */
export function providersOf({ providers }: RunningGateway): ProviderAnswer[] {
  return providers.map(({ type, state, problem, refused }) => ({
    name: type,
    status: state,
    problem: problem?.message ?? null,
    refused: refused.map(({ source, standIn, problems }) => ({
      source,
      stand_in: standIn,
      problems: problems.map(({ message }) => message),
    })),
  }))
}
