/**
 * Makes a snapshot of a configuration, up to the point where it can be put in force.
 *
 * @module
 */
import type { Advice } from './advice.ts'
import type { BuilderHost } from './build-site.ts'
import { Builder } from './builder.ts'
import { createDraft, type Draft, type DraftHost, reviseDraft } from './draft.ts'
import { isGatewayError } from './gateway-error.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { ConfigInput } from './merged-config.ts'

/** What configurations are read and built with. */
export interface PreparationHost extends DraftHost, BuilderHost {
  readonly advice: Advice
  /** The number of the first snapshot. */
  readonly firstVersion: number
}

/** What came of a configuration. */
export interface Prepared {
  /** In order, unless something was found. */
  readonly draft: Draft
  /** `undefined` if it would be the active one once more. The caller disposes what it does not use. */
  readonly next: LiveSnapshot | undefined
}

/**
 * Reads and builds, until nothing is wrong or nothing more may be left out.
 * @param force Whether to build what would be the active snapshot once more.
 */
export async function prepare(
  config: ConfigInput,
  host: PreparationHost,
  active: LiveSnapshot | undefined,
  force = false,
): Promise<Prepared> {
  return await settle(await createDraft(config, host, true), host, active, force)
}

/**
 * The same without the part whose entrypoint could not be bound; `undefined` if that is not what is
 * wrong, or if it may not be left out.
 */
export async function prepareUnbound(
  failed: Draft,
  error: unknown,
  host: PreparationHost,
  active: LiveSnapshot | undefined,
): Promise<Prepared | undefined> {
  if (!isGatewayError(error) || !unbound.includes(error.code)) return undefined
  const { code, message, option: path, hint } = error
  failed.report({ path, code, message, ...(hint !== undefined && { hint }) })
  const revised = await reviseDraft(failed, host)
  return revised === undefined ? undefined : await settle(revised, host, active, false)
}

const unbound: readonly string[] = ['GW_ADDRESS_IN_USE', 'GW_LISTEN_FAILED']

async function settle(
  first: Draft,
  host: PreparationHost,
  active: LiveSnapshot | undefined,
  force: boolean,
): Promise<Prepared> {
  let draft = first
  for (;;) {
    const same = draft.found.length === 0 && draft.blueprint.hash === active?.hash
    if (same && !force) return { draft, next: undefined }
    const next = await build(draft, host, active)
    const revised = draft.found.length === 0 ? undefined : await reviseDraft(draft, host)
    if (revised === undefined) return { draft, next }
    await next.holdings.dispose()
    draft = revised
  }
}

/** With problems too: what can be built may show more of them. */
export function build(
  draft: Draft,
  host: PreparationHost,
  active: LiveSnapshot | undefined,
): Promise<LiveSnapshot> {
  host.advice.giveFor(draft.blueprint)
  return new Builder(
    host,
    draft,
    active === undefined ? host.firstVersion : active.version + 1,
  ).build()
}
