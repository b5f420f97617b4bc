import type { Endpoint } from '@gatewright/kernel'
import { Latency } from './latency.ts'

/** What is known of each endpoint's latency. Kept across reloads, as long as the endpoints are. */
export class Latencies implements Disposable {
  readonly #latencies = new WeakMap<Endpoint, Latency>()

  /** Of an endpoint, made when it is asked for first. */
  of(endpoint: Endpoint): Latency {
    let latency = this.#latencies.get(endpoint)
    if (latency === undefined) {
      latency = new Latency()
      this.#latencies.set(endpoint, latency)
    }
    return latency
  }

  /** There is nothing to release, but `Scope.keep` must be able to ask. */
  [Symbol.dispose](): void {}
}
