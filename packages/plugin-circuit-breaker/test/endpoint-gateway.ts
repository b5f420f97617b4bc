import { poolFile, type TestGateway, type Upstream } from '@gatewright/testing'
import { expect, vi } from 'vitest'
import { type CircuitReport, circuitsOf } from '../src/index.ts'

/** The statuses of so many requests, one after the other. */
export async function send(gateway: TestGateway, count: number, target = '/'): Promise<number[]> {
  const statuses: number[] = []
  while (statuses.length < count) statuses.push((await gateway.request(target)).status)
  return statuses
}

/** The circuit of one server, once there is one. */
export function circuitOf({ gateway }: TestGateway, { url }: Upstream): CircuitReport | undefined {
  return circuitsOf(gateway).find(({ endpoint }) => endpoint === `${url}/`)
}

/** Waits until a circuit has come to that state. */
export async function untilState(
  gateway: TestGateway,
  upstream: Upstream,
  state: string,
): Promise<void> {
  await vi.waitFor(() => expect(circuitOf(gateway, upstream)?.state).toBe(state))
}

/**
 * Two failures open a circuit. The block is left out if the router does not name it.
 *
 * @param order Of the middlewares `breaker` and `again`, which repeats.
 */
export function configOf(
  urls: readonly string[],
  options = '',
  feature = '',
  order = 'breaker',
): string {
  const threshold = options.includes('failure_threshold') ? '' : 'failure_threshold = 2'
  const breaker = `
    middlewares "breaker" {
      type = "circuit-breaker"
      per  = "endpoint"
      ${threshold}
      ${options}
    }
  `
  const again = `
    middlewares "again" {
      type              = "retry"
      retry_interval_ms = 0
    }
  `
  const blocks = `${again}${order.includes('breaker') ? breaker : ''}`
  return poolFile(urls, { service: feature, middlewares: order.split(', '), blocks })
}
