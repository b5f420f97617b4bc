import { availableParallelism } from 'node:os'
import { type GatewayConfigInput, tryDuration } from '@gatewright/kernel'

/** Unless a configuration says something else, in milliseconds. */
export const defaultTimeoutMs = 10_000

/**
 * How many worker processes a configuration wants. `undefined` if it says something that is no
 * number of workers, which is refused with its place once a gateway reads it.
 */
export function readWorkerCount({ workers = 1 }: GatewayConfigInput): number | undefined {
  if (workers === 'auto') return availableParallelism()
  const count = Number(workers)
  return Number.isInteger(count) && count >= 1 && count <= maxWorkers ? count : undefined
}

/** After how long a silence a worker is taken for hung, in milliseconds. `undefined` as above. */
export function readWorkerTimeout({
  worker_timeout: text,
}: GatewayConfigInput): number | undefined {
  if (text === undefined) return defaultTimeoutMs
  if (typeof text !== 'string' && typeof text !== 'number') return undefined
  return tryDuration(text) || undefined
}

/** More than that is a mistake. */
export const maxWorkers = 1024
