import { chosenIo, ioChoices, prepareSharedIo, sharedIo } from '@gatewright/http1'
import type { Scope, Snapshot, ValueSchema } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** Checks the top-level key `io`. */
export const ioSchema: ValueSchema = {
  type: 'string',
  enum: ioChoices,
  description:
    'How sockets are read and written: `portable` by the documented API of Node, `fast` by the handles below it, ' +
    '`auto` fast on the versions of Node that were tested.',
}

/**
 * Sees to it that the choice can be had, if it can. The environment goes before the file.
 * Throws GW_HTTP_IO_UNKNOWN.
 */
export async function prepareIo(configured: unknown, log: Scope['log']): Promise<void> {
  const choice = chosenIo(configured)
  if (choice !== undefined) return prepareSharedIo(choice, log)
  const wanted = process.env['GATEWRIGHT_IO'] ?? String(configured)
  throw errors.GW_HTTP_IO_UNKNOWN({ choice: wanted, known: ioChoices.join(', ') })
}

/** Connections that are made from now on are read and written as the configuration says. */
export function useIo({ config }: Snapshot): void {
  sharedIo.use(chosenIo(config['io']) ?? 'portable')
}
