import { errors, type GatewayError } from '@gatewright/kernel'
import type { Deadlines } from '../../deadlines.ts'
import type { Wire } from '../../wire/wire.ts'
import type { UpstreamSettings } from '../upstream-settings.ts'
import type { PipelineSlot } from './pipeline-slot.ts'

const never = Number.POSITIVE_INFINITY
/** How long the end of a response that nobody wants is looked for. */
const drainMs = 2000
/** A response that takes longer keeps the connection for itself; the others go elsewhere. */
const maxFrontMs = 1000

/** How long the request at the front of a shared connection is waited for. */
export class FrontPatience {
  readonly #settings: UpstreamSettings
  readonly #deadlines: Deadlines
  readonly #wire: Wire
  /** `performance.now()` since when the request is the first one. */
  #since = 0
  /** `performance.now()` at which something moved. */
  #movedAt: number

  constructor(settings: UpstreamSettings, deadlines: Deadlines, wire: Wire) {
    this.#settings = settings
    this.#deadlines = deadlines
    this.#wire = wire
    this.#movedAt = deadlines.soon
  }

  /** Something moved: whatever is due next is due later. */
  touch(): void {
    this.#movedAt = this.#deadlines.soon
  }

  /** Another request is at the front, since something moved last if not said otherwise. */
  restart(since: number = this.#movedAt): void {
    this.#since = since
  }

  /** `performance.now()` at which nothing has moved for that long. */
  stillAt(ms: number): number {
    return this.#movedAt + ms
  }

  /** `performance.now()` at which those behind the front have waited too long. */
  get slowAt(): number {
    return this.#since + maxFrontMs
  }

  /** `performance.now()` at which the request at the front has waited too long. */
  dueAt(front: PipelineSlot): number {
    if (front.call === undefined) return Math.max(this.#since, front.leftAt) + drainMs
    const patienceMs = this.#patienceMs(front)
    // A response with bounds of its own is somebody else's affair.
    const totalDueAt = front.call.attempt.bodyIsTimed ? never : front.totalDueAt
    // A request cannot be answered before those ahead of it, so that its time begins at the front.
    const since = front.answered || this.#wire.blocked ? this.#movedAt : this.#since
    return Math.min(patienceMs === 0 ? never : since + patienceMs, totalDueAt)
  }

  /** What a request at the front fails with that has waited too long. */
  timeoutError(front: PipelineSlot, endpoint: string, now: number): GatewayError {
    const late = front.totalDueAt <= now
    const timeoutMs = late ? this.#settings.totalTimeoutMs : this.#patienceMs(front)
    const params = { endpoint, timeoutMs }
    return front.answered
      ? errors.GW_UPSTREAM_BODY_TIMEOUT(params)
      : errors.GW_UPSTREAM_RESPONSE_TIMEOUT(params)
  }

  /** How long nothing may move, in milliseconds; 0 means for ever. */
  #patienceMs(front: PipelineSlot): number {
    const { idleTimeoutMs, responseTimeoutMs } = this.#settings
    if (this.#wire.blocked) return idleTimeoutMs
    if (!front.answered) return responseTimeoutMs
    const timed = front.call?.attempt.bodyIsTimed === true
    return front.body?.awaited === true && !timed ? idleTimeoutMs : 0
  }
}
