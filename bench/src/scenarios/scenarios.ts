import { encrypted } from './encrypted.ts'
import { bodies, connections, processes, small, streams, tunnels } from './plain.ts'
import type { Scenario } from './scenario.ts'

/** Every scenario, in the order of the tables. */
export const scenarios: readonly Scenario[] = [
  ...small,
  ...bodies,
  ...connections,
  ...streams,
  ...processes,
  ...encrypted,
  ...tunnels,
]
