import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { KeyPair } from './key-pair.ts'
import type { ServerNames } from './server-names.ts'
import type { TicketKeys } from './ticket-keys.ts'
import type { TlsPlan } from './tls-plan.ts'

/** A certificate as clients get to see it. */
export class PresentedCertificate {
  readonly pair: KeyPair
  readonly #plan: TlsPlan
  readonly #authorities: readonly string[]
  readonly #tickets: TicketKeys
  #context: SecureContext
  #period: number

  /** Throws GW_TLS_UNUSABLE. */
  constructor(pair: KeyPair, plan: TlsPlan, authorities: readonly string[], tickets: TicketKeys) {
    this.pair = pair
    this.#plan = plan
    this.#authorities = authorities
    this.#tickets = tickets
    this.#period = tickets.period
    try {
      this.#context = this.#createContext()
    } catch (cause) {
      const option = plan.pairs[0]?.cert.option.slice(0, 1) ?? []
      throw errors.GW_TLS_UNUSABLE({ problem: problemOf(cause) }, { cause, option })
    }
  }

  get leaf(): X509Certificate {
    return this.pair.leaf
  }

  get names(): ServerNames {
    return this.pair.names
  }

  /** For a handshake that begins now. */
  get context(): SecureContext {
    const { period } = this.#tickets
    if (period !== this.#period) {
      this.#period = period
      this.#context = this.#createContext()
    }
    return this.#context
  }

  /** True if a client that trusts the certificate may ask this host over the connection. */
  covers(host: string): boolean {
    if (this.names.has(host)) return true
    return isIP(host) === 0
      ? this.leaf.checkHost(host) !== undefined
      : this.leaf.checkIP(host) !== undefined
  }

  #createContext(): SecureContext {
    const { minVersion, ciphers, clientMode } = this.#plan
    const { cert, key, leaf } = this.pair
    const asks = clientMode !== 'none'
    // Whoever may resume a session was let in by the same certificate and on the same terms.
    const terms = [leaf.fingerprint256, clientMode, ...(asks ? this.#authorities : [])]
    return createSecureContext({
      cert,
      key,
      minVersion,
      ciphers,
      honorCipherOrder: true,
      sessionIdContext: this.#tickets.digest(terms).toString('hex').slice(0, 32),
      ticketKeys: this.#tickets.keysFor(terms, this.#period),
      ...(asks && { ca: [...this.#authorities] }),
    })
  }
}
