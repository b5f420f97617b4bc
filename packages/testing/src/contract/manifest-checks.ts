/**
 * That a package.json says what a plugin does, so that tools need not execute it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { isRecord, type Manifest, manifestRules } from '@gatewright/standard/packages'
import { type Check, mustHold } from '../conformance/check.ts'
import { errors } from '../errors.ts'
import type { Component } from './component.ts'
import type { PluginContract } from './plugin-contract.ts'

/** None without a package.json. */
export function manifestChecks(
  components: readonly Component[],
  given: PluginContract['packageJson'],
): readonly Check[] {
  if (given === undefined) return []
  return manifestRules.map(({ what, find }) => ({
    name: what,
    run: async () => {
      const problem = find(await manifestOf(given), components)
      if (problem !== undefined) throw errors.GW_TESTING_FINDING({ problem })
    },
  }))
}

async function manifestOf(given: string | URL | Manifest): Promise<Manifest> {
  if (typeof given !== 'string' && !(given instanceof URL)) return given
  const read: unknown = JSON.parse(await readFile(given, 'utf8'))
  mustHold(isRecord(read), 'the package.json is no object')
  return read
}
