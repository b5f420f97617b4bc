import type { BlockChanges, ConfigChanges } from '@gatewright/kernel'
import { paint, type TextStream } from './output.ts'

/** How the lists of changes are shown. */
export const marks = [
  { list: 'added', mark: '+', style: 'green' },
  { list: 'removed', mark: '-', style: 'red' },
  { list: 'updated', mark: '~', style: 'yellow' },
] as const satisfies readonly { list: keyof BlockChanges; mark: string; style: string }[]

/** A line for each block that was added, removed or changed. */
export function renderChanges(changed: ConfigChanges, stream: TextStream): string[] {
  return Object.entries(changed).flatMap(([kind, lists]) =>
    marks.flatMap(({ list, mark, style }) =>
      lists[list].map((name) => paint(stream, style, `  ${mark} ${titleOf(kind, name)}`)),
    ),
  )
}

/** As a block is written: `services "api"`, `plugins "audit"`, or a key of the top level. */
export function titleOf(kind: string, name: string): string {
  if (kind !== 'sections') return `${kind} "${name}"`
  const dot = name.indexOf('.')
  return dot === -1 ? name : `${name.slice(0, dot)} "${name.slice(dot + 1)}"`
}
