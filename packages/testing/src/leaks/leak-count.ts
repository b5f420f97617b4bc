import type { Endpoint, Gateway } from '@gatewright/kernel'

const name = '@gatewright/testing'

/** Counts what a gateway must have let go of by the time it has stopped. */
export class LeakCount {
  readonly #gateway: Gateway
  readonly #endpoints = new Set<Endpoint>()
  #connections = 0

  /** Taps hooks, so the gateway must not have started. */
  constructor(gateway: Gateway) {
    this.#gateway = gateway
    gateway.hooks.connection.tap(name, (connection) => {
      this.#connections++
      connection.defer(() => this.#connections--)
      return undefined
    })
    gateway.hooks.upstreamEnd.tap(name, (_, { endpoint }) => void this.#endpoints.add(endpoint))
  }

  /** What is left over, in words. */
  left(): string[] {
    const { exchanges, liveSnapshots } = this.#gateway
    const busy = [...this.#endpoints].filter(({ active }) => active !== 0)
    const counts = [
      { count: exchanges, what: 'exchanges' },
      { count: this.#connections, what: 'connections' },
      { count: liveSnapshots, what: 'configurations' },
    ]
    return [
      ...counts.filter(({ count }) => count !== 0).map(({ count, what }) => `${count} ${what}`),
      ...busy.map(({ url, active }) => `${active} attempts at ${url.href}`),
    ]
  }
}
