import type { ReloadOutcome } from '@gatewright/kernel'
import type { Asked } from './asked.ts'
import { json, type Reply } from './reply.ts'
import { answerOf } from './validation.ts'

/** How long whoever asks waits for a reload; it goes on after that. */
const patienceMs = 30_000
/** How long it may take once the listener is to go: that may be what the reload has changed. */
const lastPatienceMs = 300

/** Has the source of the configuration be read again, and says what came of it. */
export async function reload({ running, ending }: Asked): Promise<Reply> {
  const outcome = await outcomeOf(running.requestReload(), ending)
  if (outcome === undefined) return json({ applied: null, state: 'reloading' }, 202)
  if (!outcome.applied) {
    const { applied, code, message: error, hint, problems } = outcome
    const found = problems.map((problem) => answerOf(problem))
    const rest = { ...(hint !== undefined && { hint }), problems: found }
    return json({ applied, code, error, ...rest }, statusOf(code))
  }
  const { version, hash, unchanged, changed, drained, warnings, durationMs } = outcome.report
  const report = { version, hash, unchanged, changed, drained, warnings, duration_ms: durationMs }
  return json({ applied: true, ...report })
}

/**
 * `undefined` if it takes too long, or if the process has to go in order that it can be: with other
 * numbers of workers others take the place of this one.
 */
async function outcomeOf(
  outcome: Promise<ReloadOutcome>,
  ending: AbortSignal,
): Promise<ReloadOutcome | undefined> {
  const gaveUp = Promise.withResolvers<undefined>()
  const giveUp = (): void => gaveUp.resolve(undefined)
  let timer = setTimeout(giveUp, patienceMs)
  const hurry = (): void => {
    clearTimeout(timer)
    timer = setTimeout(giveUp, lastPatienceMs)
  }
  ending.addEventListener('abort', hurry)
  if (ending.aborted) hurry()
  try {
    return await Promise.race([outcome, gaveUp.promise])
  } finally {
    clearTimeout(timer)
    ending.removeEventListener('abort', hurry)
  }
}

function statusOf(code: string): number {
  if (code === 'GW_RELOAD_UNAVAILABLE') return 501
  return code === 'GW_NOT_STARTED' ? 503 : 422
}
