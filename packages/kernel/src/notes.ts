/**
 * What plugins want to have said of an exchange when it is told of, such as in an access log.
 *
 * @module
 */
import { ContextKey, type Exchange } from './exchange.ts'

/** A value that can stand in a log. */
export type Noted = string | number | boolean

/** What was noted, by field. */
export const notes: ContextKey<Record<string, Noted>> = new ContextKey('notes')

/**
 * Notes something of an exchange for whoever tells of it. The last one who notes a field counts.
 * Must be no secret.
 * @param field Lower-case words with `_` between them: `country`.
 */
export function note(exchange: Exchange, field: string, value: Noted): void {
  const noted = exchange.get(notes)
  if (noted === undefined) exchange.set(notes, { [field]: value })
  else noted[field] = value
}
