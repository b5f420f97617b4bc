import type { JsonSchema } from '@gatewright/kernel'
import { renderColumns } from '../table.ts'
import { describeOptions } from './option-table.ts'

/** The options of a schema for a terminal. */
export function renderOptions(schema: JsonSchema): string {
  const rows = describeOptions(schema).map(({ key, type, default: fallback, meaning }) => [
    key,
    withoutTicks(type),
    withoutTicks(fallback),
    withoutTicks(meaning),
  ])
  return rows.length === 0
    ? 'It has no options.'
    : renderColumns(['key', 'type', 'default', 'meaning'], rows)
}

/** Backticks are for pages. */
export function withoutTicks(text: string): string {
  return text.replaceAll('`', '')
}
