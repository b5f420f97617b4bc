import {
  asGatewayError,
  type BodySink,
  type BodySource,
  type ForkedContext,
  type GatewayError,
  type GatewayResponse,
  type Interruptible,
  isThenable,
  type RequestContext,
  type Service,
} from '@gatewright/kernel'
import { BodyCollector } from './collected-body.ts'
import type { Comparison } from './comparison.ts'
import { errors } from './errors.ts'
import type { MirrorOutcome } from './mirror-counts.ts'
import type { MirrorLedger } from './mirror-ledger.ts'

/** Where copies go and how much they may take. */
export interface CopySettings {
  readonly shadow: () => Service
  readonly ledger: MirrorLedger
  readonly timeoutMs: number
  readonly maxBodyBytes: number
}

/**
 * One copy of a request: collects its body, sends it, and reads the response to nowhere. It takes
 * part in nothing that the request itself waits for.
 */
export class MirroredCopy implements Interruptible, BodySink {
  readonly #original: RequestContext
  readonly #fork: ForkedContext
  readonly #settings: CopySettings
  readonly #comparison: Comparison | undefined
  /** False once the copy can be sent, or can never be. */
  #lacksBody = true
  #timer: NodeJS.Timeout | undefined = undefined
  /** The body that is being read at present: first that of the request, then of the response. */
  #body: BodySource | undefined = undefined
  #expired = false
  #over = false
  #counted = false

  constructor(
    original: RequestContext,
    fork: ForkedContext,
    settings: CopySettings,
    comparison: Comparison | undefined,
  ) {
    this.#original = original
    this.#fork = fork
    this.#settings = settings
    this.#comparison = comparison
    settings.ledger.inFlight++
  }

  /** Begins to collect the body. The copy is sent when that is done, and not before this returns. */
  start(): void {
    const { request } = this.#fork
    const body = request.takeBody()
    if (body === undefined) return this.#sendSoon()
    this.#hold(body)
    const collector = new BodyCollector(body, this.#settings.maxBodyBytes, (collected) => {
      if (collected === 'too-large') return this.#drop()
      if (collected === 'broken-off') return this.#breakOff()
      request.replaceBody(collected)
      this.#sendSoon()
    })
    collector.start()
  }

  /**
   * The request is tried again, with its body from the beginning.
   * @returns True if another copy is to take the place of this one, whose body will not come.
   */
  giveWay(): boolean {
    if (!this.#lacksBody) return false
    this.#release()
    this.#counted = true
    return true
  }

  /** The gateway gives the copy up while a body is being read. */
  interrupt(error: GatewayError): void {
    this.#body?.cancel(error)
    this.#fail(error)
  }

  /** The response is read to nowhere. */
  write(): boolean {
    return true
  }

  end(): void {
    this.#finish('sent')
  }

  fail(error: unknown): void {
    this.#fail(asGatewayError(error))
  }

  #drop(): void {
    this.#lacksBody = false
    this.#finish('dropped_body')
  }

  /** Whether that was the end of it shows when the exchange ends. */
  #breakOff(): void {
    this.#release()
    this.#original.defer(() => this.#count('dropped_body'))
  }

  /** After what the callback at hand does for the request itself. */
  #sendSoon(): void {
    this.#lacksBody = false
    queueMicrotask(() => this.#send())
  }

  #send(): void {
    if (this.#over) return
    this.#fork.interruptible = undefined
    const { shadow, timeoutMs } = this.#settings
    this.#timer = setTimeout(() => this.#expire(), timeoutMs)
    this.#timer.unref()
    const response = shadow().direct(this.#fork)
    if (isThenable(response)) response.then((settled) => this.#take(settled))
    else this.#take(response)
  }

  #take(response: GatewayResponse): void {
    if (this.#over) return response.discard()
    if (response.error !== undefined) return this.#fail(response.error)
    this.#comparison?.takeShadow(response)
    const body = response.takeBody()
    if (body === undefined) return this.#finish('sent')
    this.#hold(body)
    body.start(this)
  }

  /** Takes the place of whoever an abort would have reached before. */
  #hold(body: BodySource): void {
    this.#body = body
    this.#fork.interruptible = this
  }

  #expire(): void {
    const { ledger, timeoutMs } = this.#settings
    const error = errors.GW_MIRROR_TIMEOUT({ shadow: ledger.shadow, timeoutMs })
    this.#expired = true
    this.#fork.abort(error)
    // A tap of the upstream hook may still be at work; what comes of it is discarded.
    this.#fail(error)
  }

  #fail(error: GatewayError): void {
    this.#finish(this.#outcomeOf(error), error)
  }

  #outcomeOf(error: GatewayError): MirrorOutcome {
    if (this.#expired || error.status === 504) return 'timeout'
    const unsent = this.#fork.attempts === undefined
    return unsent && error.code === 'GW_SERVICE_UNAVAILABLE' ? 'no_endpoint' : 'failed'
  }

  #finish(outcome: MirrorOutcome, error?: GatewayError): void {
    this.#release()
    this.#count(outcome, error)
  }

  /** Nothing of the copy is left but its outcome. */
  #release(): void {
    if (this.#over) return
    this.#over = true
    this.#body = undefined
    clearTimeout(this.#timer)
    this.#settings.ledger.inFlight--
    this.#fork.end()
  }

  #count(outcome: MirrorOutcome, error?: GatewayError): void {
    if (this.#counted) return
    this.#counted = true
    this.#settings.ledger.count(outcome, error)
  }
}
