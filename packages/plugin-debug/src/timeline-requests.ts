import { NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import type { ExchangeWatch, RequestContext, Scope, StepObserver } from '@gatewright/kernel'
import { Timeline } from './timeline.ts'

const field = 'x-gatewright-trace'

/** Finds the requests whose clients ask for a timeline, and may. */
export class TimelineRequests implements StepObserver {
  readonly #allowed: NetworkSet
  readonly #log: Scope['log']

  /** @param allow Addresses and networks, already validated. */
  constructor(allow: readonly string[], log: Scope['log']) {
    const networks = allow.map((text) => tryNetwork(text))
    this.#allowed = new NetworkSet(networks.filter((network) => network !== undefined))
    this.#log = log
  }

  watch(ctx: RequestContext): ExchangeWatch | undefined {
    const { headers } = ctx.request
    const asked = headers.get(field)
    if (asked === undefined) return undefined
    // Whoever asks, it is said to this gateway only.
    headers.delete(field)
    if (asked !== '1' || !this.#allowed.has(addressOf(ctx))) return undefined
    return new Timeline(ctx, this.#log)
  }
}

/** What everybody may claim does not count. */
function addressOf({ connection, clientAddress }: RequestContext): string {
  return connection.clientAddressIsClaimed === true ? connection.remoteAddress : clientAddress
}
