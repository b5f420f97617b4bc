import { randomBytes } from 'node:crypto'
import type { Gateway, PluginLoader } from '@gatewright/kernel'
import { outlineOf } from '../diff/outline.ts'
import type { Description } from './messages.ts'

/** Says what a gateway runs, without its secrets. */
export async function describe(gateway: Gateway, loader: PluginLoader): Promise<Description> {
  const { understood, snapshot } = gateway
  const { version } = snapshot
  const key = randomBytes(32).toString('hex')
  return { version, key, outline: await outlineOf(understood, [], loader, key) }
}
