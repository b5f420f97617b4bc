import { createHash, hkdfSync, randomBytes } from 'node:crypto'

/** How long tickets are made with the same keys. Those of before lead to a full handshake. */
const periodMs = 12 * 3_600_000

/** For processes that share no secret. */
const ownSecret = randomBytes(32).toString('hex')

/**
 * The keys of session tickets (RFC 5077, RFC 8446 section 4.6.1). Processes that share a secret
 * understand each other's tickets.
 */
export class TicketKeys {
  readonly #secret: string
  readonly #now: () => number

  constructor(secret: string | undefined, now: () => number = Date.now) {
    this.#secret = secret ?? ownSecret
    this.#now = now
  }

  /** Another number means other keys. */
  get period(): number {
    return Math.floor(this.#now() / periodMs)
  }

  /** 48 bytes, as Node wants them, for tickets that hold on these terms only. */
  keysFor(terms: readonly string[], period: number): Buffer {
    const info = `gatewright session tickets ${period}`
    return Buffer.from(hkdfSync('sha256', this.#secret, this.digest(terms), info, 48))
  }

  digest(terms: readonly string[]): Buffer {
    return createHash('sha256').update(JSON.stringify(terms)).digest()
  }
}
