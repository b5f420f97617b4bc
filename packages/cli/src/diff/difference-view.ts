import { redacted } from '@gatewright/kernel'
import { marks, titleOf } from '../change-list.ts'
import { paint, type TextStream } from '../output.ts'
import type { Differences } from './differences.ts'
import type { KeyChange } from './key-changes.ts'
import type { Listener, ListenerChanges } from './listener-changes.ts'
import { isSealed, unknownValue } from './outline.ts'

const longest = 160

/** What a reload would do, for people. */
export function renderDifferences(differences: Differences, stream: TextStream): string {
  const { unchanged, changed, updates, listeners, drained, drainSecs, warnings } = differences
  const notes = warnings.map((warning) => paint(stream, 'yellow', `! ${warning}`))
  if (unchanged) return ['Nothing would change.', ...notes].join('\n')
  const blocks = Object.entries(changed).flatMap(([kind, lists]) =>
    marks.flatMap(({ list, mark, style }) =>
      lists[list].flatMap((name) => [
        paint(stream, style, `${mark} ${titleOf(kind, name)}`),
        ...updates
          .filter((update) => list === 'updated' && update.kind === kind && update.name === name)
          .flatMap(({ keys }) => keys.flatMap((change) => renderKey(change, stream))),
      ]),
    ),
  )
  const draining =
    drained.length === 0
      ? 'no request under way is concerned'
      : `requests under way to ${drained.join(', ')} have ${drainSecs} s to end`
  return [
    ...blocks,
    '',
    ...renderListeners(listeners, stream),
    `Draining: ${draining}`,
    ...notes,
  ].join('\n')
}

/** The same for programs: secrets are replaced. */
export function differencesToJson(differences: Differences): object {
  const text = JSON.stringify(differences, (_key, value: unknown) =>
    isSealed(value) ? redacted : value === unknownValue ? null : value,
  )
  // What was an object before is one after.
  return JSON.parse(text) as object
}

function renderKey(change: KeyChange, stream: TextStream): string[] {
  const { key, before, after, removed, added } = change
  const name = key === '' ? '' : `${key}: `
  if (removed !== undefined && added !== undefined) {
    if (removed.length + added.length === 0) return [`    ${name}in another order`]
    return [
      ...removed.map((value) => paint(stream, 'red', `    - ${name}${shown(value)}`)),
      ...added.map((value) => paint(stream, 'green', `    + ${name}${shown(value)}`)),
    ]
  }
  if (before === undefined) return [paint(stream, 'green', `    + ${name}${shown(after)}`)]
  if (after === undefined) return [paint(stream, 'red', `    - ${name}${shown(before)}`)]
  const other = isSealed(before) && isSealed(after) ? 'another secret' : undefined
  return [`    ${name}${other ?? `${shown(before)} → ${shown(after)}`}`]
}

function shown(value: unknown): string {
  if (value === unknownValue) return '[unknown]'
  const text = JSON.stringify(value, (_key, part: unknown) => (isSealed(part) ? redacted : part))
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function renderListeners({ opened, closed, kept }: ListenerChanges, stream: TextStream): string[] {
  return [
    `Listeners: ${opened.length} opened, ${closed.length} closed, ${kept.length} kept`,
    ...opened.map((listener) => paint(stream, 'green', `  + ${renderListener(listener)}`)),
    ...closed.map((listener) => paint(stream, 'red', `  - ${renderListener(listener)}`)),
  ]
}

function renderListener({ entrypoint, protocol, address }: Listener): string {
  return `${entrypoint} ${protocol} ${address}`
}
