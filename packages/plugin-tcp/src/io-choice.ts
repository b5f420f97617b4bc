import { type IoChoice, ioChoices } from '@gatewright/http1'
import type { Scope, Snapshot } from '@gatewright/kernel'
import { io } from './environment.ts'

/** Sees to it that fast I/O can be used, if the configuration wants it and it works here. */
export async function prepareIo({ config }: Snapshot, log: Scope['log']): Promise<void> {
  const problem = await io.prepare(chosen(config['io']))
  if (problem === undefined) return
  log.warn({ problem }, 'fast I/O does not work here; portable I/O is used')
}

/** Holds for the connections that are passed on from now on. */
export function useIo({ config }: Snapshot): void {
  io.use(chosen(config['io']))
}

/** The environment goes before the file. The plugin for HTTP, which owns the key, checks it. */
function chosen(configured: unknown): IoChoice {
  const wanted = process.env['GATEWRIGHT_IO'] || (configured ?? 'auto')
  return ioChoices.find((choice) => choice === wanted) ?? 'portable'
}
