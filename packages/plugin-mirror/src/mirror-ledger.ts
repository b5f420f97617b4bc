import type { GatewayError, Scope } from '@gatewright/kernel'
import { Episodes, LineBudget } from './log-limits.ts'
import type { MirrorCounts, MirrorOutcome } from './mirror-counts.ts'
import { Share } from './share.ts'

/** What is kept of one service and its shadow over a reload, for all routers that lead there. */
export class MirrorLedger implements MirrorCounts, Disposable {
  readonly service: string
  readonly shadow: string
  readonly share: Share = new Share()
  readonly outcomes: Record<MirrorOutcome, number> = {
    sent: 0,
    dropped_inflight: 0,
    dropped_body: 0,
    no_endpoint: 0,
    timeout: 0,
    failed: 0,
  }
  differs = 0
  inFlight = 0
  readonly #log: Scope['log']
  readonly #losses = new Episodes<MirrorOutcome>()
  readonly #lines = new LineBudget()

  constructor(service: string, shadow: string, log: Scope['log']) {
    this.service = service
    this.shadow = shadow
    this.#log = log
  }

  /** @param error Why, if something failed. */
  count(outcome: MirrorOutcome, error?: GatewayError): void {
    const count = ++this.outcomes[outcome]
    if (outcome === 'sent' || !this.#losses.begins(outcome, performance.now())) return
    const { shadow } = this
    const fields = { shadow, outcome, count, code: error?.code, problem: error?.message }
    // How large a body is and whether it is whole is up to the client.
    const level = outcome === 'dropped_body' ? 'info' : 'warn'
    this.#log[level](fields, 'copies of requests are being lost')
  }

  /**
   * The shadow answered differently.
   * @param fields What is logged, if anything is.
   */
  countDifference(linesPerMinute: number, fields: Readonly<Record<string, unknown>>): void {
    this.differs++
    const suppressed = this.#lines.take(linesPerMinute, performance.now())
    if (suppressed === undefined) return
    this.#log.info({ shadow: this.shadow, ...fields, suppressed }, 'the shadow answers differently')
  }

  /** Nothing to release; copies that are still under way go on counting, where nobody looks. */
  [Symbol.dispose](): void {}
}
