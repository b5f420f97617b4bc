import {
  Completion,
  type GatewayResponse,
  type Handler,
  type RequestContext,
} from '@gatewright/kernel'
import type { QueueCounts, QueueResult } from './figures.ts'

/** Whose turn it is when a server gets free: first come, first served. */
export class WaitingLine implements Disposable {
  readonly #places = new Set<Place>()
  readonly #timeoutMs: number
  readonly #counts: QueueCounts
  readonly #onTimeout: (ctx: RequestContext) => GatewayResponse
  #timer: NodeJS.Timeout | undefined = undefined

  /**
   * @param counts Told how it went.
   * @param onTimeout Makes the answer for one that has waited for `timeoutMs`.
   */
  constructor(
    timeoutMs: number,
    counts: QueueCounts,
    onTimeout: (ctx: RequestContext) => GatewayResponse,
  ) {
    this.#timeoutMs = timeoutMs
    this.#counts = counts
    this.#onTimeout = onTimeout
  }

  get length(): number {
    return this.#places.size
  }

  /** Comes with what `next` gives when it is the turn of the exchange, if nothing is in the way. */
  join(ctx: RequestContext, next: Handler): Completion<GatewayResponse> {
    const place = new Place(ctx, next, performance.now() + this.#timeoutMs)
    this.#places.add(place)
    this.#counts.waiting++
    const leave = (): void => this.#leave(place)
    ctx.signal.addEventListener('abort', leave)
    ctx.defer(leave)
    this.#schedule()
    return place.outcome
  }

  /** The turn of the first; false if nobody waits. */
  callNext(): boolean {
    const [first] = this.#places
    if (first === undefined) return false
    this.#remove(first, 'served')
    first.go()
    return true
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #leave(place: Place): void {
    if (!this.#places.has(place)) return
    this.#remove(place, 'left')
    place.giveUp()
  }

  #remove(place: Place, result: QueueResult): void {
    this.#places.delete(place)
    this.#counts.waiting--
    this.#counts.add(result)
  }

  /** All wait for the same time, so that one timer, for the first of them, is enough. */
  #schedule(): void {
    const [first] = this.#places
    if (first === undefined || this.#timer !== undefined) return
    const delayMs = Math.max(0, first.dueAt - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#expire(performance.now())
    }, delayMs).unref()
  }

  #expire(now: number): void {
    for (const place of this.#places) {
      if (place.dueAt > now) break
      this.#remove(place, 'timeout')
      place.outcome.resolve(this.#onTimeout(place.ctx))
    }
    this.#schedule()
  }
}

/** One that waits for its turn. */
class Place {
  readonly ctx: RequestContext
  readonly outcome: Completion<GatewayResponse> = new Completion()
  /** `performance.now()` when it has waited for long enough. */
  readonly dueAt: number
  readonly #next: Handler

  constructor(ctx: RequestContext, next: Handler, dueAt: number) {
    this.ctx = ctx
    this.#next = next
    this.dueAt = dueAt
  }

  go(): void {
    const response = this.#next(this.ctx)
    if ('then' in response) this.outcome.follow(response)
    else this.outcome.resolve(response)
  }

  /** Its client has gone, or the gateway drains. */
  giveUp(): void {
    this.outcome.resolve(this.ctx.fail(this.ctx.abortedBy))
  }
}
