import type { Socket } from 'node:net'
import type { ConfigPath, Scope } from '@gatewright/kernel'
import type { CertificateBoard } from './certificate-board.ts'
import { CertificateStore } from './certificate-store.ts'
import { Handshake, type HandshakeEvents, type HandshakeTerms } from './handshake.ts'
import type { TlsOptions } from './options.ts'
import type { PresentedCertificate } from './presented-certificate.ts'
import { TicketKeys } from './ticket-keys.ts'
import { planOf } from './tls-plan.ts'

/** The parts of a `Scope` that TLS needs. */
export type TlsScope = Pick<
  Scope,
  'log' | 'resolvePath' | 'keep' | 'onActivate' | 'onDeactivate' | 'sharedSecret'
>

/** What the owner of the block decides. */
export interface ServerTlsInit {
  /** What may follow if the options do not say it. */
  readonly alpn?: readonly string[]
  /** Where the block stands among the options of the scope. Default `['tls']`. */
  readonly block?: ConfigPath
  /** Tells of the certificates while they are in use. */
  readonly board?: CertificateBoard | undefined
}

/**
 * Makes the server's side of TLS out of a block `tls`. The certificates are kept while the block
 * stays the same, and watched from the moment when the configuration is active.
 * Throws GW_TLS_… with the option that is wrong.
 */
export function openServerTls(
  scope: TlsScope,
  options: TlsOptions,
  { alpn = [], block, board }: ServerTlsInit = {},
): ServerTls {
  const plan = planOf(options, scope, block)
  const tickets = new TicketKeys(scope.sharedSecret)
  const key = `tls:${JSON.stringify(plan)}`
  const certificates = scope.keep(key, () => new CertificateStore(plan, tickets, scope.log))
  scope.onActivate(() => certificates.watch())
  board?.show(certificates, scope)
  return new ServerTls(certificates, plan.clientMode, options, alpn, scope.log)
}

/** Lines of the log about handshakes that failed, each second. */
const maxNotes = 10

/** Leads handshakes on the terms of one block `tls`. Made by {@link openServerTls}. */
export class ServerTls implements HandshakeTerms {
  readonly certificates: CertificateStore
  readonly clientMode: HandshakeTerms['clientMode']
  readonly timeoutMs: number
  readonly maxHandshakes: number
  /** What may follow, the best first. */
  readonly alpn: readonly string[]
  /** Whether the upstream gets the whole certificate of a client. */
  readonly forwardPem: boolean
  readonly #log: Scope['log']
  #handshakes = 0
  #notes = 0
  #untold = 0
  #notedAt = Number.NEGATIVE_INFINITY

  /** @internal */
  constructor(
    certificates: CertificateStore,
    clientMode: HandshakeTerms['clientMode'],
    options: TlsOptions,
    alpn: readonly string[],
    log: Scope['log'],
  ) {
    this.#log = log
    this.certificates = certificates
    this.clientMode = clientMode
    this.timeoutMs = options.handshake_timeout
    this.maxHandshakes = options.max_handshakes
    this.alpn = options.alpn ?? alpn
    this.forwardPem = options.client_auth?.forward_pem ?? false
  }

  /** Handshakes that are going on. */
  get handshakes(): number {
    return this.#handshakes
  }

  /**
   * Begins the handshake of an accepted connection, from which nothing was read, or what was read is
   * un-shifted again. Its owner hears how it ends, and owns it again then.
   * @returns `undefined` if there are too many: nobody hears of it, and its owner closes it.
   */
  handshake(socket: Socket, events: HandshakeEvents): Handshake | undefined {
    if (this.#handshakes >= this.maxHandshakes) return undefined
    this.#handshakes++
    return new Handshake(socket, this, events)
  }

  onOver(): void {
    this.#handshakes--
  }

  choose(serverName: string | undefined): PresentedCertificate | undefined {
    return this.certificates.for(serverName)
  }

  /** Says in the log why a client does not get through, unless it has said so too often already. */
  note(remoteAddress: string, problem: string): void {
    if (!this.#log.isLevelEnabled('debug')) return
    const now = performance.now()
    if (now - this.#notedAt >= 1000) {
      this.#notedAt = now
      this.#notes = 0
    }
    if (this.#notes >= maxNotes) {
      this.#untold++
      return
    }
    this.#notes++
    const untold = this.#untold > 0 ? { untold: this.#untold } : {}
    this.#untold = 0
    this.#log.debug({ remoteAddress, problem, ...untold }, 'TLS handshake failed')
  }
}
