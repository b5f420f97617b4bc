import { performance } from 'node:perf_hooks'
import { clientNetworkOf } from '@gatewright/ip-networks'
import { LRUCache } from 'lru-cache'

interface Bucket {
  /** How many wrong passwords are still allowed. */
  tokens: number
  filledAt: number
}

const mostAddresses = 10_000

/** Bounds how many wrong passwords an address, or an IPv6 network of 64 bits, may send. */
export class FailureThrottle {
  readonly #max: number
  readonly #windowMs: number
  readonly #now: () => number
  readonly #buckets = new LRUCache<string, Bucket>({ max: mostAddresses })

  /** @param max In `windowMs`; 0 means no bound. */
  constructor(max: number, windowMs: number, now: () => number = () => performance.now()) {
    this.#max = max
    this.#windowMs = windowMs
    this.#now = now
  }

  /**
   * Counts an attempt before its outcome is known, so that many at once are not free. Returns 0 if
   * it may be made, else the seconds to wait.
   */
  take(address: string): number {
    if (this.#max === 0) return 0
    const bucket = this.#bucketOf(clientNetworkOf(address))
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return 0
    }
    const waitMs = ((1 - bucket.tokens) * this.#windowMs) / this.#max
    return Math.max(1, Math.ceil(waitMs / 1000))
  }

  /** The attempt was no failure. */
  giveBack(address: string): void {
    const bucket = this.#buckets.get(clientNetworkOf(address))
    if (bucket !== undefined) bucket.tokens = Math.min(this.#max, bucket.tokens + 1)
  }

  #bucketOf(network: string): Bucket {
    const now = this.#now()
    const bucket = this.#buckets.get(network)
    if (bucket === undefined) {
      const full: Bucket = { tokens: this.#max, filledAt: now }
      this.#buckets.set(network, full)
      return full
    }
    const gained = ((now - bucket.filledAt) * this.#max) / this.#windowMs
    bucket.tokens = Math.min(this.#max, bucket.tokens + gained)
    bucket.filledAt = now
    return bucket
  }
}
