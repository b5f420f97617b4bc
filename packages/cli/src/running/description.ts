import { randomBytes } from 'node:crypto'
import type { HclDocument } from '@gatewright/config-hcl'
import type { Gateway, PluginLoader } from '@gatewright/kernel'
import { builtInConfig } from '../config-file.ts'
import { outlineOf } from '../diff/outline.ts'
import type { Description } from './messages.ts'

/** Says what a gateway runs, without its secrets. */
export async function describe(
  gateway: Gateway,
  document: HclDocument | undefined,
  loader: PluginLoader,
): Promise<Description> {
  const { version } = gateway.snapshot
  const understood = await gateway.understand(document ?? builtInConfig)
  const key = randomBytes(32).toString('hex')
  return { version, key, outline: await outlineOf(understood, document, loader, key) }
}
