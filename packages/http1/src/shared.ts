import type { Scope } from '@gatewright/kernel'
import { Deadlines } from './deadlines.ts'
import { Io, type IoChoice, ioChoices } from './io.ts'

/** One sweep over the deadlines of all connections of the process, whatever their protocol. */
export const sharedDeadlines: Deadlines = new Deadlines()

/** How this process reads and writes: one for all gateways and protocols in it. */
export const sharedIo: Io = new Io()

/**
 * What is to be used, of what a configuration says under `io`; the environment variable
 * `GATEWRIGHT_IO` goes before it. `undefined` if there is no such choice.
 */
export function chosenIo(configured: unknown): IoChoice | undefined {
  const wanted = process.env['GATEWRIGHT_IO'] || (configured ?? 'auto')
  return ioChoices.find((choice) => choice === wanted)
}

/** Sees to it that the shared I/O can be what was chosen, if it can here. Says so if it cannot. */
export async function prepareSharedIo(
  choice: IoChoice,
  log: Pick<Scope['log'], 'warn'>,
): Promise<void> {
  sharedIo.onTlsProblem = (problem) =>
    log.warn({ problem }, 'fast I/O does not work with TLS here; portable I/O is used for that')
  const problem = await sharedIo.prepare(choice)
  if (problem === undefined) return
  log.warn({ problem }, 'fast I/O does not work here; portable I/O is used')
}

/** The same for connections with TLS, before the first of them; the other one goes first. */
export function prepareSharedTls(): Promise<void> {
  return sharedIo.prepareTls()
}
