import { type IoChoice, ioChoices } from '@gatewright/http1'
import type { Scope, Snapshot, ValueSchema } from '@gatewright/kernel'
import { io } from './environment.ts'
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
  const choice = chosen(configured)
  if (!isChoice(choice)) {
    throw errors.GW_HTTP_IO_UNKNOWN({ choice: String(choice), known: ioChoices.join(', ') })
  }
  const problem = await io.prepare(choice)
  if (problem !== undefined)
    log.warn({ problem }, 'fast I/O does not work here; portable I/O is used')
}

/** Connections that are made from now on are read and written as the configuration says. */
export function useIo({ config }: Snapshot): void {
  const choice = chosen(config['io'])
  io.use(isChoice(choice) ? choice : 'portable')
}

function chosen(configured: unknown): unknown {
  return process.env['GATEWRIGHT_IO'] || (configured ?? 'auto')
}

function isChoice(value: unknown): value is IoChoice {
  return ioChoices.some((choice) => choice === value)
}
