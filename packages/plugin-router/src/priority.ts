import type { RouterEntry } from '@gatewright/kernel'
import type { RouterOptions } from './options.ts'

/** What decides in which order routers are asked. */
export type Prioritised = Pick<RouterEntry, 'name' | 'rule' | 'priority'>

/** Sorts routers: a negative result means that `a` is asked first. Never 0 for different names. */
export type PriorityOrder = (a: Prioritised, b: Prioritised) => number

/** The order that the configuration asks for. */
export function priorityOrder(order: RouterOptions['priority_order']): PriorityOrder {
  return order === 'ascending' ? lowerFirst : higherFirst
}

/** The higher priority, then the longer rule, then the name. */
function higherFirst(a: Prioritised, b: Prioritised): number {
  return effective(b) - effective(a) || b.rule.length - a.rule.length || byName(a, b)
}

function lowerFirst(a: Prioritised, b: Prioritised): number {
  return a.priority - b.priority || byName(a, b)
}

/** What a router is sorted by. */
export function priorityOf(router: Prioritised, order: RouterOptions['priority_order']): number {
  return order === 'ascending' ? router.priority : effective(router)
}

function effective({ priority, rule }: Prioritised): number {
  return priority === 0 ? rule.length : priority
}

/** By code units, which does not depend on the machine's language. */
function byName(a: Prioritised, b: Prioritised): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}
