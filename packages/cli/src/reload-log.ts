import { logReport, type ReloadReport } from '@gatewright/kernel'
import type { Logger } from 'pino'
import { renderChanges } from './change-list.ts'
import type { Output } from './output.ts'

/** Tells what a reload did: in one line of the log, or readable on a terminal. */
export function logReload(report: ReloadReport, tookMs: number, log: Logger, output: Output): void {
  const { stdout, json } = output
  if (json || stdout.isTTY !== true) return logReport({ ...report, durationMs: tookMs }, log)
  const { version, hash, unchanged, changed, drained, warnings } = report
  const message = unchanged ? 'configuration unchanged' : 'configuration reloaded'
  log.info({ version, hash, tookMs }, message)
  const lines = renderChanges(changed, stdout)
  if (drained.length > 0) lines.push(`  draining: ${drained.join(', ')}`)
  if (lines.length > 0 && log.isLevelEnabled('info')) output.print(lines.join('\n'))
  for (const warning of warnings) log.warn(warning)
}
