import { performance as kernelClock } from 'node:perf_hooks'
import { definePlugin } from '@gatewright/kernel'
import {
  type MountedMiddleware,
  type MountOptions,
  mountMiddleware,
  type WrittenOptions,
} from '@gatewright/testing'
import { vi } from 'vitest'
import { Board, setUpBoard } from '../src/board.ts'
import { createCircuitBreaker } from '../src/circuit-breaker.ts'

/** The middleware with what its plugin taps. */
export function mountBreaker(
  options: WrittenOptions,
  mount: MountOptions = {},
): Promise<MountedMiddleware> {
  const board = new Board()
  const taps = definePlugin({
    name: 'circuit-board',
    setup: ({ hooks }) => setUpBoard(board, hooks),
  })
  return mountMiddleware(createCircuitBreaker(board), options, { ...mount, plugins: [taps] })
}

/** Stops the clocks until {@link startClocks}, the one that the kernel has imported among them. */
export function stopClocks(): void {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  vi.spyOn(kernelClock, 'now').mockImplementation(() => performance.now())
}

/** Has the clocks go on. */
export function startClocks(): void {
  vi.restoreAllMocks()
  vi.useRealTimers()
}
