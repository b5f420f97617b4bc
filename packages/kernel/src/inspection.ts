/**
 * A look at what a configuration would be, without putting it in force.
 *
 * @module
 */
import type { Awaitable } from './awaitable.ts'
import type { Blueprint } from './blueprint.ts'
import type { ConfigProblem } from './config.ts'
import { createDraft, problemsOf, refusalOf } from './draft.ts'
import type { Understood } from './gateway-options.ts'
import type { GatewayHooks } from './hooks.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { ConfigInput } from './merged-config.ts'
import { build, type PreparationHost } from './preparation.ts'
import type { Snapshot } from './snapshot.ts'

/** A configuration that was built, and what it says; a running gateway is one. */
export interface Inspected {
  readonly snapshot: Snapshot
  readonly understood: Understood
  /** With the taps of all plugins that are set up. */
  readonly hooks: GatewayHooks
}

/** Looks at a built configuration and takes it apart again. Throws GW_CONFIG_INVALID. */
export async function inspect<T>(
  config: ConfigInput,
  host: PreparationHost,
  { hooks, active }: { hooks: GatewayHooks; active: LiveSnapshot | undefined },
  look: (inspected: Inspected) => Awaitable<T>,
): Promise<T> {
  const draft = await createDraft(config, host, false)
  const snapshot = await build(draft, host, active)
  try {
    if (problemsOf(draft).length > 0) throw refusalOf(draft)
    return await look({ snapshot, understood: understoodOf(draft.blueprint), hooks })
  } finally {
    await snapshot.holdings.dispose()
  }
}

/** Everything that is wrong with a configuration, also what shows only when it is built. */
export async function problemsIn(
  config: ConfigInput,
  host: PreparationHost,
  active: LiveSnapshot | undefined,
): Promise<readonly ConfigProblem[]> {
  const draft = await createDraft(config, host, false)
  const { holdings } = await build(draft, host, active)
  await holdings.dispose()
  return problemsOf(draft)
}

/** What a configuration says, without building it. */
export async function understand(config: ConfigInput, host: PreparationHost): Promise<Understood> {
  const draft = await createDraft(config, host, false)
  return understoodOf(draft.blueprint, problemsOf(draft))
}

/** What a blueprint says. */
export function understoodOf(
  blueprint: Blueprint,
  problems: readonly ConfigProblem[] = [],
): Understood {
  return { blueprint, problems, isSecret: (path) => blueprint.isSecret(path) }
}
