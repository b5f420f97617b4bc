import { isThenable, type Scope } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { ChannelGuard, ChannelRequest } from './channel-guard.ts'
import type { Permission } from './session.ts'

/** How long a guard may think. */
const guardTimeoutMs = 10_000

/** Asks all guards; whoever fails refuses. */
export class Permissions {
  readonly #guards: readonly ChannelGuard[]
  readonly #log: Scope['log']
  readonly #timeoutMs: number

  /** @param timeoutMs Default ten seconds. */
  constructor(
    guards: readonly ChannelGuard[],
    log: Scope['log'],
    timeoutMs: number = guardTimeoutMs,
  ) {
    this.#guards = guards
    this.#log = log
    this.#timeoutMs = timeoutMs
  }

  /** At once if every guard decides at once. */
  ask(request: ChannelRequest): Permission {
    for (const [i, guard] of this.#guards.entries()) {
      const answer = this.#askOne(guard, request)
      if (typeof answer !== 'boolean') return this.#askRest(answer, i + 1, request)
      if (!answer) return false
    }
    return true
  }

  async #askRest(
    pending: PromiseLike<boolean>,
    next: number,
    request: ChannelRequest,
  ): Promise<boolean> {
    if (!(await pending)) return false
    for (const guard of this.#guards.slice(next)) {
      if (!(await this.#askOne(guard, request))) return false
    }
    return true
  }

  #askOne(guard: ChannelGuard, request: ChannelRequest): Permission {
    try {
      const answer: unknown = guard.allows(request)
      return isThenable(answer) ? this.#inTime(guard, answer) : answer === true
    } catch (error) {
      return this.#refuse(guard, error)
    }
  }

  async #inTime(guard: ChannelGuard, pending: PromiseLike<unknown>): Promise<boolean> {
    const late = Promise.withResolvers<never>()
    const timeoutMs = this.#timeoutMs
    const error = (): Error => errors.GW_WEBSOCKET_GUARD_TIMEOUT({ guard: guard.type, timeoutMs })
    const timer = setTimeout(() => late.reject(error()), timeoutMs).unref()
    try {
      return (await Promise.race([pending, late.promise])) === true
    } catch (failure) {
      return this.#refuse(guard, failure)
    } finally {
      clearTimeout(timer)
    }
  }

  #refuse({ type }: ChannelGuard, error: unknown): false {
    this.#log.error({ err: error, guard: type }, 'channel guard failed')
    return false
  }
}
