import { type Blueprint, type RunningGateway, redacted } from '@gatewright/kernel'
import type { ProcessState } from '../process-state.ts'

/** A router. */
export interface RouteAnswer {
  readonly name: string
  readonly rule: string
  readonly service: string
  /** Never empty: those of a router that names none are all of its kind. */
  readonly entrypoints: readonly string[]
  readonly middlewares: readonly string[]
  /** As it is configured; 0 stands for the length of the rule. */
  readonly priority: number
  /** What it is sorted by. */
  readonly compiled_priority: number
  /** `null` if nobody counts. */
  readonly requests_total: number | null
  readonly errors_total: number | null
}

/** The routers in the order in which they are asked. */
export function routesOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): RouteAnswer[] {
  const { understood } = running
  const { blueprint } = understood
  const counted = processes.some(({ requests }) => requests !== undefined)
  const total = (name: string, of: 'requests' | 'errors'): number | null =>
    counted ? processes.reduce((sum, { routers }) => sum + (routers[name]?.[of] ?? 0), 0) : null
  return inOrder(blueprint).map(({ name, rule, service, entrypoints, middlewares, priority }) => ({
    name,
    // What came from the environment is shown nowhere.
    rule: understood.isSecret(['routers', name, 'rule']) ? redacted : rule,
    service,
    entrypoints,
    middlewares,
    priority,
    compiled_priority: priorityOf({ rule, priority }, blueprint),
    requests_total: total(name, 'requests'),
    errors_total: total(name, 'errors'),
  }))
}

type Router = Blueprint['routers'][number]

/** As `plugin-router` sorts them. */
function inOrder(blueprint: Blueprint): Router[] {
  const sign = isAscending(blueprint) ? 1 : -1
  return blueprint.routers.toSorted(
    (a, b) =>
      sign * (priorityOf(a, blueprint) - priorityOf(b, blueprint)) ||
      (sign === 1 ? 0 : b.rule.length - a.rule.length) ||
      (a.name < b.name ? -1 : 1),
  )
}

function priorityOf(
  { rule, priority }: Pick<Router, 'rule' | 'priority'>,
  blueprint: Blueprint,
): number {
  return priority === 0 && !isAscending(blueprint) ? rule.length : priority
}

function isAscending({ config }: Blueprint): boolean {
  return config['priority_order'] === 'ascending'
}
