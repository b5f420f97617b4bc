import type { Expression } from './expression.ts'
import { parseRule } from './parser.ts'

/** What stands for everything in routers of streams. */
const everything = 'HostSNI(`*`)'

/** Rules for everything in the language of requests, which older configurations use for streams. */
const old = new Map([
  ['PathPrefix', '/'],
  ['Path', '/'],
  ['Method', 'TCP'],
])

/** Rules of routers that take datagrams: all of them, in any spelling. */
const allDatagrams = new Set(['*', 'PathPrefix(`/`)', 'Method(`UDP`)', everything])

/** What to read in place of the rule of a router for UDP; `undefined` if it does not take all. */
export function datagramRule(rule: string): string | undefined {
  return allDatagrams.has(rule.trim()) ? everything : undefined
}

/** What to read in place of the rule of a stream router; `undefined` for the rule as it stands. */
export function replacedRule(rule: string): string | undefined {
  const expression = tryParse(rule)
  if (expression?.kind !== 'call' || expression.args.length !== 1) return undefined
  const argument = old.get(expression.name)
  if (argument === undefined || expression.args[0]?.text !== argument) return undefined
  return everything
}

function tryParse(rule: string): Expression | undefined {
  try {
    return parseRule(rule)
  } catch {
    // Reported where it is compiled.
    return undefined
  }
}
