import type { ReloadOutcome } from '@gatewright/kernel'
import type { Channel } from './channel.ts'

/** Reloads that a worker is asked for. The supervisor does them, for all workers. */
export class WorkerReloads {
  readonly #channel: Channel
  /** Those who wait, the first one first. */
  readonly #wanted: PromiseWithResolvers<ReloadOutcome>[] = []

  constructor(channel: Channel) {
    this.#channel = channel
    channel.onOrder((order) => {
      // One comes for each that was asked for, in that order.
      if (order.type === 'reloaded') this.#wanted.shift()?.resolve(order.outcome)
    })
  }

  async request(): Promise<ReloadOutcome> {
    const wanted = Promise.withResolvers<ReloadOutcome>()
    this.#wanted.push(wanted)
    await this.#channel.send({ type: 'reload wanted' })
    return await wanted.promise
  }
}
