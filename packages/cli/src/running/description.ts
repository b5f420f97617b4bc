import { randomBytes } from 'node:crypto'
import type { Gateway, PluginLoader } from '@gatewright/kernel'
import { outlineOf } from '../diff/outline.ts'
import type { Description } from './messages.ts'

/** Says what a gateway runs, without its secrets. Descriptions with the same key can be compared. */
export async function describe(
  gateway: Gateway,
  loader: PluginLoader,
  key: string = randomBytes(32).toString('hex'),
): Promise<Description> {
  const { understood, snapshot } = gateway
  const { version } = snapshot
  return { version, key, outline: await outlineOf(understood, [], loader, key) }
}
