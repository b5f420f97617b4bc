import type { Holdings } from './gateway-process.ts'
import { heapAllowance, residentAllowance, type SoakResult } from './soak.ts'
import type { Tally } from './tally.ts'

/** One line about a run that goes on. */
export function progressLine(tally: Tally, secondsLeft: number): string {
  const { exchanges, reloads, refusals, problemCount } = tally
  return `${Math.max(0, Math.round(secondsLeft))} s left: ${exchanges} exchanges, ${reloads} reloads, ${refusals} refused, ${problemCount} problems\n`
}

/** Everything about a run, for people. */
export function table({ seed, seconds, tally, logged, before, after }: SoakResult): string {
  const lines = [
    `seed ${seed}, ${seconds} s, ${tally.exchanges} exchanges, ${tally.reloads} reloads, ${tally.refusals} refused reloads`,
    '',
    row('visit', 'visits', 'exchanges', 'outcomes'),
    ...[...tally.kinds].map(([name, { visits, exchanges, statuses }]) =>
      row(name, String(visits), String(exchanges), pairs(Object.entries(statuses))),
    ),
    '',
    row('held', 'before', 'after', 'allowed'),
    ...counters.map((name) => row(name, String(before[name]), String(after[name]), '0 more')),
    row('heap', mebibytes(before.heapBytes), mebibytes(after.heapBytes), allowed(heapAllowance)),
    row(
      'resident',
      mebibytes(before.residentBytes),
      mebibytes(after.residentBytes),
      allowed(residentAllowance),
    ),
    '',
    `logged: ${pairs([...logged])}`,
    ...tally.problems.map((problem) => `PROBLEM ${problem}`),
    tally.problemCount === 0 ? 'no problems' : `${tally.problemCount} problems`,
  ]
  return `${lines.join('\n')}\n`
}

/** The same for programs. */
export function json({ tally, logged, ...rest }: SoakResult): string {
  const { reloads, refusals, problems, problemCount } = tally
  const visits = Object.fromEntries(tally.kinds)
  const result = {
    ...rest,
    reloads,
    refusals,
    visits,
    logged: Object.fromEntries(logged),
    problems,
    problemCount,
  }
  return `${JSON.stringify(result, undefined, 2)}\n`
}

const counters = [
  'exchanges',
  'connections',
  'attempts',
  'snapshots',
  'handles',
] as const satisfies readonly (keyof Holdings)[]

function row(name: string, first: string, second: string, third: string): string {
  return `${name.padEnd(16)}${first.padStart(10)}${second.padStart(12)}  ${third}`
}

function pairs(entries: readonly (readonly [string, number])[]): string {
  return entries.map(([name, count]) => `${name}: ${count}`).join(', ')
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function allowed(bytes: number): string {
  return `${mebibytes(bytes)} more`
}
