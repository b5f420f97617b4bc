import { later } from './later.ts'
import { bodies, connections, small } from './plain.ts'
import type { Scenario } from './scenario.ts'

/** Every scenario, in the order of the tables. */
export const scenarios: readonly Scenario[] = [...small, ...bodies, ...connections, ...later]
