import { type Endpoint, type EndpointPool, FollowedPool, type Scope } from '@gatewright/kernel'
import { countProbe } from '../figures.ts'
import type { HealthCheckOptions } from '../options.ts'
import { type Pace, ProbeLoop } from './probe-loop.ts'
import type { Prober } from './prober.ts'
import { Verdict } from './verdict.ts'

/** Tells checkers of one endpoint apart, of which there are two while one takes over. */
let checkers = 0

/** What the probes of one server have shown. */
interface Checked {
  readonly verdict: Verdict
  readonly loop: Disposable
}

/** Probes the servers of one service. Lives on over reloads. */
export class Checker implements AsyncDisposable {
  readonly #name = `health_check ${++checkers}`
  readonly #options: HealthCheckOptions
  readonly #pace: Pace
  readonly #prober: Prober
  readonly #log: Scope['log']
  readonly #checked = new Map<Endpoint, Checked>()
  readonly #pool = new FollowedPool()
  /** The servers that are probed, to see at a glance whether others have come. */
  #all: readonly Endpoint[] = []

  constructor(options: HealthCheckOptions, prober: Prober, log: Scope['log']) {
    const { interval: intervalMs, timeout: timeoutMs, jitter } = options
    this.#options = options
    this.#pace = { intervalMs, timeoutMs, jitter }
    this.#prober = prober
    this.#log = log
  }

  /** From now on the servers of this pool are probed; those that already are go on. */
  follow(pool: EndpointPool): void {
    const isFirst = this.#pool.current === undefined
    this.#pool.follow(pool, () => this.#look(pool, false))
    this.#look(pool, isFirst)
  }

  /** Nothing is probed any more and nobody objected to, if this pool is still followed. */
  leave(pool: EndpointPool): void {
    if (!this.#pool.leave(pool)) return
    this.#all = []
    for (const endpoint of this.#checked.keys()) {
      this.#stop(endpoint)
      pool.setHealthy(endpoint, this.#name, true)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#pool[Symbol.dispose]()
    for (const endpoint of this.#checked.keys()) this.#stop(endpoint)
    return this.#prober.close()
  }

  #look(pool: EndpointPool, isFirst: boolean): void {
    const { all } = pool
    if (all === this.#all) return
    this.#all = all
    for (const endpoint of this.#checked.keys()) if (!all.includes(endpoint)) this.#stop(endpoint)
    for (const endpoint of all) {
      if (!this.#checked.has(endpoint)) this.#start(endpoint, pool, isFirst)
    }
  }

  #start(endpoint: Endpoint, pool: EndpointPool, isFirst: boolean): void {
    const { unhealthy_threshold: unhealthy, healthy_threshold: healthy } = this.#options
    const verdict = new Verdict(this.#assume(endpoint, pool, isFirst), unhealthy, healthy)
    const loop = new ProbeLoop(endpoint.url, this.#prober, this.#pace, (problem) =>
      this.#record(endpoint, verdict, problem),
    )
    this.#checked.set(endpoint, { verdict, loop })
    pool.setHealthy(endpoint, this.#name, verdict.healthy)
  }

  /** What a server is taken for; `undefined` if the first probe is to decide. */
  #assume(endpoint: Endpoint, pool: EndpointPool, isFirst: boolean): boolean | undefined {
    const { initial } = this.#options
    if (initial === 'unhealthy') return false
    if (initial === 'unknown-wait') return undefined
    // A check with other options may have objected, or something else.
    if (!endpoint.healthy) return undefined
    // One that joins others has to show first that it works.
    const others = pool.available.some((other) => other !== endpoint && this.#checked.has(other))
    return isFirst || !others ? true : undefined
  }

  #stop(endpoint: Endpoint): void {
    this.#checked.get(endpoint)?.loop[Symbol.dispose]()
    this.#checked.delete(endpoint)
  }

  #record(endpoint: Endpoint, verdict: Verdict, problem: string | undefined): void {
    countProbe(endpoint, problem === undefined)
    if (!verdict.record(problem === undefined)) return
    const fields = { endpoint: endpoint.url.href, check: 'active' }
    if (problem === undefined) this.#log.info(fields, 'server is healthy')
    else this.#log.warn({ ...fields, problem }, 'server is unhealthy')
    this.#pool.current?.setHealthy(endpoint, this.#name, verdict.healthy)
  }
}
