import { performance } from 'node:perf_hooks'
import type { Attempt, Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from '../candidates.ts'
import type { LeastLatencyOptions } from '../options.ts'
import { drawByWeight, type RandomSource } from '../random.ts'
import { Turn } from '../turn.ts'
import { Latencies } from './latencies.ts'

/** What a {@link LeastLatencyBalancer} may be given; tests give what they decide themselves. */
export interface LatencySources {
  /** What was measured before, if there was a configuration before. */
  readonly latencies?: Latencies
  /** Default `Math.random`. */
  readonly random?: RandomSource
  /** Default `performance.now`; the same clock as that of attempts. */
  readonly now?: () => number
}

/** An endpoint that has no answer yet and is waited for: nobody knows how slow it is. */
const unknownMs = 1e9
/** What is only a little better is left to chance, and so to the weights. */
const clearly = 0.9

/**
 * Of two endpoints drawn at random, the one that would answer sooner: that is expected of its
 * latency times the exchanges that it would have in flight. What was never measured is tried.
 */
export class LeastLatencyBalancer implements Balancer {
  readonly #decay: number
  readonly #latencies: Latencies
  readonly #random: RandomSource
  readonly #now: () => number
  readonly #turn = new Turn()

  constructor({ decay }: LeastLatencyOptions, sources: LatencySources = {}) {
    this.#decay = decay
    this.#latencies = sources.latencies ?? new Latencies()
    this.#random = sources.random ?? Math.random
    this.#now = sources.now ?? (() => performance.now())
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const first = drawByWeight(eligible, this.#random)
    const second = drawByWeight(eligible, this.#random, first)
    if (first === undefined || second === undefined) return first
    // Of two servers both are drawn each time, also one that is to start slowly.
    if (!this.#turn.isTaken(second)) return first
    const now = this.#now()
    const weight = Math.max(first.weight, second.weight)
    const isSooner = this.#cost(second, weight, now) < clearly * this.#cost(first, weight, now)
    return isSooner ? second : first
  }

  attemptEnded(_exchange: Exchange, { endpoint, status, error, startedAt }: Attempt): void {
    const latency = this.#latencies.of(endpoint)
    const now = this.#now()
    const took = now - startedAt
    if (error?.source === 'upstream' || isFailure(status)) latency.failed(took, now, this.#decay)
    else if (error === undefined) latency.answered(took, now, this.#decay)
    // The client left, or something of the gateway objected.
    else latency.givenUp(took, now, this.#decay)
  }

  attemptBroke(_exchange: Exchange, { endpoint }: Attempt): void {
    // How long its body went well says nothing about how soon it answers.
    this.#latencies.of(endpoint).failed(0, this.#now(), this.#decay)
  }

  /** @param weight What others weigh: an idle endpoint is not better for weighing more. */
  #cost(endpoint: Endpoint, weight: number, now: number): number {
    const latency = this.#latencies.of(endpoint)
    const load = (endpoint.active * weight) / endpoint.weight
    return latency.measured ? latency.at(now, this.#decay) * (load + 1) : load * unknownMs
  }
}

/** 501 and 505 are about the request, whichever server gets it. */
function isFailure(status: number | undefined): boolean {
  return status !== undefined && status >= 500 && status !== 501 && status !== 505
}
