import type { GatewayError } from '@gatewright/kernel'
import type { Http1Limits } from '../limits.ts'
import { errors } from './errors.ts'

/** What the system may hold of a response while the client takes it; Linux grows to 4 MiB. */
const systemBufferBytes = 4 * 1024 * 1024

/**
 * Holds one client to the least rates of an entrypoint. Both are averages: what a client did faster
 * counts for later, within bounds, and the time that the gateway itself holds it up does not count.
 */
export class ClientPace {
  readonly #limits: Http1Limits
  /** Milliseconds by which an upload is ahead of the slowest that is allowed. */
  #lead = 0
  /** Since when the client is waited for; Infinity while it is not. */
  #waitsSince = Number.POSITIVE_INFINITY
  /** When the slowest client that is allowed would have taken everything that was written. */
  #takenAt = 0
  #written = 0
  #blocked = false

  constructor(limits: Http1Limits) {
    this.#limits = limits
  }

  /** Another request was read. */
  begin(): void {
    this.#lead = this.#limits.minRateGraceMs
    this.#waitsSince = Number.POSITIVE_INFINITY
  }

  /** Bytes of a request body arrived. */
  received(bytes: number, now: number): void {
    const { minUploadRate, minRateGraceMs, uploadIdleMs } = this.#limits
    if (minUploadRate === 0) return
    this.#settle(now)
    const gained = this.#lead + (bytes * 1000) / minUploadRate
    this.#lead = Math.min(gained, Math.max(minRateGraceMs, uploadIdleMs))
  }

  /**
   * When the client is too slow if nothing moves until then.
   * @param uploading The client is to send the next byte of its body.
   * @param blocked A write waits for the client.
   * @param written Bytes of responses on its connection so far.
   */
  dueAt(now: number, uploading: boolean, blocked: boolean, written: number): number {
    const upload = this.#uploadDueAt(uploading, now)
    const download = this.#downloadDueAt(blocked, written, now)
    return blocked ? download : upload
  }

  /** Why an upload is ended at `now`; `undefined` if it is fast enough. */
  problem(now: number): GatewayError | undefined {
    const { minUploadRate } = this.#limits
    if (minUploadRate === 0 || now < this.#waitsSince + this.#lead) return undefined
    return errors.GW_HTTP1_UPLOAD_TOO_SLOW({ bytesPerSecond: minUploadRate })
  }

  #uploadDueAt(uploading: boolean, now: number): number {
    if (this.#limits.minUploadRate === 0) return Number.POSITIVE_INFINITY
    this.#settle(now)
    this.#waitsSince = uploading ? now : Number.POSITIVE_INFINITY
    return this.#waitsSince + this.#lead
  }

  #settle(now: number): void {
    if (this.#waitsSince >= now) return
    this.#lead -= now - this.#waitsSince
    this.#waitsSince = now
  }

  /**
   * The client is seen to take bytes only in leaps, when the system has room again. So each byte
   * gives it its time from when it was written on, whether it had to wait in here or not.
   */
  #downloadDueAt(blocked: boolean, written: number, now: number): number {
    const { minDownloadRate: rate, minRateGraceMs } = this.#limits
    if (rate === 0) return Number.POSITIVE_INFINITY
    const base = this.#blocked ? this.#takenAt : Math.max(this.#takenAt, now)
    const takenAt = base + ((written - this.#written) * 1000) / rate
    this.#takenAt = Math.min(takenAt, now + (systemBufferBytes * 1000) / rate)
    this.#written = written
    this.#blocked = blocked
    return this.#takenAt + minRateGraceMs
  }
}

/** `undefined` if clients may be as slow as they like. */
export function paceFor(limits: Http1Limits): ClientPace | undefined {
  const { minUploadRate, minDownloadRate } = limits
  return minUploadRate > 0 || minDownloadRate > 0 ? new ClientPace(limits) : undefined
}
