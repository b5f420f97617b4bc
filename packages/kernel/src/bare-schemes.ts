/**
 * What the address of a server without a scheme means: that of the entrypoints that lead there.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import type { EntrypointPlan } from './blueprint.ts'

/** What it means for services that have no router, or routers of several protocols. */
const usual = 'http'

/** By service: `tcp` if connections of the protocol `tcp` are all that gets there. */
export function bareSchemesOf(
  reader: BlockReader,
  entrypoints: readonly EntrypointPlan[],
): ReadonlyMap<string, string> {
  const schemes = new Map<string, string>()
  for (const block of Object.values(reader.labelled('routers'))) {
    const router = unwrapped(block) ?? {}
    const { service } = router
    if (typeof service !== 'string') continue
    const scheme = schemeFor(namesOf(router['entrypoints']), entrypoints)
    const same = (schemes.get(service) ?? scheme) === scheme
    schemes.set(service, same ? scheme : usual)
  }
  return schemes
}

/** @param names Empty for all entrypoints. */
function schemeFor(names: readonly unknown[], entrypoints: readonly EntrypointPlan[]): string {
  const listening =
    names.length === 0 ? entrypoints : entrypoints.filter(({ name }) => names.includes(name))
  const protocols = new Set(
    listening.map(({ factory }) => (factory.kind === 'stream' ? factory.type : usual)),
  )
  const [only] = protocols
  return only !== undefined && protocols.size === 1 ? only : usual
}

function namesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
