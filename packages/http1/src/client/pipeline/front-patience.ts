import { errors, type GatewayError } from '@gatewright/kernel'
import type { UpstreamSettings } from '../upstream-settings.ts'
import type { PipelineSlot } from './pipeline-slot.ts'

const never = Number.POSITIVE_INFINITY
/** How long the end of a response that nobody wants is looked for. */
const drainMs = 2000

/** How things stand at the front of a connection. */
export interface FrontState {
  readonly settings: UpstreamSettings
  /** `performance.now()` since when the request is the first one. */
  readonly since: number
  /** `performance.now()` at which something moved. */
  readonly movedAt: number
  /** The upstream does not take what was sent. */
  readonly blocked: boolean
}

/** `performance.now()` at which the request at the front has waited too long. */
export function frontDueAt(front: PipelineSlot, state: FrontState): number {
  if (front.call === undefined) return Math.max(state.since, front.leftAt) + drainMs
  const patienceMs = patienceMsOf(front, state)
  // A request cannot be answered before those ahead of it, so that its time begins at the front.
  const since = front.answered || state.blocked ? state.movedAt : state.since
  return Math.min(patienceMs === 0 ? never : since + patienceMs, front.totalDueAt)
}

/** What a request at the front fails with that has waited too long. */
export function timeoutError(
  front: PipelineSlot,
  state: FrontState,
  endpoint: string,
  now: number,
): GatewayError {
  const late = front.totalDueAt <= now
  const timeoutMs = late ? state.settings.totalTimeoutMs : patienceMsOf(front, state)
  const params = { endpoint, timeoutMs }
  return front.answered
    ? errors.GW_UPSTREAM_BODY_TIMEOUT(params)
    : errors.GW_UPSTREAM_RESPONSE_TIMEOUT(params)
}

/** How long nothing may move, in milliseconds; 0 means for ever. */
function patienceMsOf(front: PipelineSlot, { settings, blocked }: FrontState): number {
  if (blocked) return settings.idleTimeoutMs
  if (!front.answered) return settings.responseTimeoutMs
  return front.body?.awaited === true ? settings.idleTimeoutMs : 0
}
