import { chosenIo, prepareSharedIo, sharedIo } from '@gatewright/http1'
import type { Scope, Snapshot } from '@gatewright/kernel'

/** Sees to it that fast I/O can be used, if the configuration wants it and it works here. */
export function prepareIo({ config }: Snapshot, log: Scope['log']): Promise<void> {
  // The plugin for HTTP, which owns the key, refuses what cannot be chosen.
  return prepareSharedIo(chosenIo(config['io']) ?? 'portable', log)
}

/** Holds for the connections that are passed on from now on. */
export function useIo({ config }: Snapshot): void {
  sharedIo.use(chosenIo(config['io']) ?? 'portable')
}
