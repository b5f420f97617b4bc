/**
 * What plugins want to have said of an exchange when it is told of, such as in an access log.
 *
 * @module
 */
import type { Logger } from 'pino'
import { ContextKey, type Exchange } from './exchange.ts'
import { logRarely } from './rare-lines.ts'

/** A value that can stand in a log. */
export type Noted = string | number | boolean

/** What was noted, by field. */
export const notes: ContextKey<Record<string, Noted>> = new ContextKey('notes')

/**
 * Notes something of an exchange for whoever tells of it: the access log, and lines of the gateway's
 * log about failures and dry runs. The last one who notes a field counts. Must be no secret.
 * The access log is written by a tap of `hooks.finish`: `exchange.defer` is too late.
 * @param field Lower-case words with `_` between them: `country`. Not the name of a field that the
 * line has anyway, such as `status`, which stays as it is; the log warns of the note.
 */
export function note(exchange: Exchange, field: string, value: Noted): void {
  const noted = exchange.get(notes)
  if (noted === undefined) exchange.set(notes, { [field]: value })
  else noted[field] = value
}

/** What pino, and what is told of failures, calls its own. */
const taken: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'err', 'suppressed'])

/** Fields of a line about an exchange, beside what was noted under names that the line has not. */
export function withNotes(
  log: Logger,
  exchange: Exchange,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const noted = exchange.get(notes)
  if (noted === undefined) return fields
  const bindings = log.bindings()
  const told: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(noted)) {
    if (taken.has(field) || Object.hasOwn(fields, field) || Object.hasOwn(bindings, field)) {
      warnOfNote(log, field)
    } else told[field] = value
  }
  return { ...told, ...fields }
}

function warnOfNote(log: Logger, field: string): void {
  logRarely(log, {
    level: 'warn',
    subject: `note ${field}`,
    message: 'a plugin notes a field that lines of the log have anyway; its note is left out',
    fields: () => ({ field, hint: 'have the plugin call note() with another name' }),
  })
}
