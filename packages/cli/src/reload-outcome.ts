import type { ReloadOutcome } from '@gatewright/kernel'
import type { Failure } from './failure.ts'

/** What becomes of reloads that come when there is nothing to reload, or nothing any more. */
export const notRunning: ReloadOutcome = {
  applied: false,
  code: 'GW_NOT_STARTED',
  message: 'the gateway does not run',
  problems: [],
}

/** A failure for those who asked for the reload. Survives JSON. */
export function refusedReload({ code, title, hint, diagnostics }: Failure): ReloadOutcome {
  const rest = hint === undefined ? {} : { hint }
  return { applied: false, code, message: title, ...rest, problems: diagnostics }
}
