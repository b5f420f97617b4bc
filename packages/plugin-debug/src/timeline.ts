import type {
  Attempt,
  ExchangeWatch,
  GatewayResponse,
  RequestContext,
  Scope,
  Step,
  StepOutcome,
} from '@gatewright/kernel'
import { type Entry, serverTiming } from './server-timing.ts'
import { TimingTrailer } from './timing-trailer.ts'

/** More are not told one by one: a request that is retried for hours may have any number. */
const maxSteps = 500

interface TimedStep {
  readonly step: Step
  readonly outcome: StepOutcome
  /** `performance.now()` */
  readonly startedAt: number
  readonly ownMs: number
}

/** An entry and the `performance.now()` at which it began. */
interface TimedEntry extends Entry {
  readonly startedAt: number
}

/** Where the time of one request goes. */
export class Timeline implements ExchangeWatch {
  readonly #ctx: RequestContext
  readonly #log: Scope['log']
  readonly #steps: TimedStep[] = []
  #route: { readonly startedAt: number; readonly tookMs: number } | undefined = undefined
  /** `performance.now()` when the head was ready, and when the body was through. */
  #headAt: number | undefined = undefined
  #bodyEndedAt: number | undefined = undefined

  constructor(ctx: RequestContext, log: Scope['log']) {
    this.#ctx = ctx
    this.#log = log
    // By then the taps on `finish` have run.
    if (log.isLevelEnabled('debug')) ctx.defer(() => this.#tell())
  }

  step(step: Step, outcome: StepOutcome, startedAt: number, ownMs: number): void {
    if (this.#steps.length < maxSteps) this.#steps.push({ step, outcome, startedAt, ownMs })
  }

  routed(startedAt: number, tookMs: number): void {
    this.#route = { startedAt, tookMs }
  }

  answered(response: GatewayResponse): void {
    this.#headAt = performance.now()
    if (takesTrailers(this.#ctx)) {
      response.wrapBody((source) => new TimingTrailer(source, () => this.#trailer()))
    }
    response.headers.append('server-timing', serverTiming(this.#entries(this.#headAt)))
  }

  /** What the head could not tell. */
  #trailer(): string {
    const endedAt = performance.now()
    this.#bodyEndedAt = endedAt
    return serverTiming([
      { name: 'total', ms: endedAt - this.#ctx.startedAt },
      { name: 'body', ms: endedAt - (this.#headAt ?? endedAt) },
    ])
  }

  #tell(): void {
    const now = performance.now()
    const { request, route, status } = this.#ctx
    const entries = this.#entries(now)
    this.#log.debug(
      {
        method: request.head.method,
        // A query may have secrets.
        path: request.head.target.split('?', 1)[0],
        status,
        router: route?.router,
        timeline: entries.map(({ name, ms, text }) => ({ name, ms: rounded(ms), text })),
      },
      'timeline of a request',
    )
  }

  /** All but the first add up to the first: each has only what is its own. */
  #entries(until: number): Entry[] {
    const totalMs = until - this.#ctx.startedAt
    const parts = this.#parts(until).toSorted((a, b) => a.startedAt - b.startedAt)
    const partsMs = parts.reduce((sum, { ms }) => sum + ms, 0)
    return [
      { name: 'total', ms: totalMs },
      { name: 'gateway', ms: Math.max(0, totalMs - partsMs) },
      ...parts,
    ]
  }

  #parts(until: number): TimedEntry[] {
    const parts = this.#steps.map((timed) => stepEntry(timed))
    for (const [index, attempt] of (this.#ctx.attempts ?? []).entries()) {
      parts.push(...this.#attemptEntries(attempt, index + 1, until))
    }
    const route = this.#route
    if (route !== undefined) {
      const { startedAt, tookMs } = route
      const router = this.#ctx.route?.router
      parts.push({
        name: 'route',
        startedAt,
        ms: tookMs - sumOf(this.#stepsOf('route', startedAt, startedAt + tookMs)),
        text: router === undefined ? 'none' : `router ${router}`,
      })
    }
    const headAt = this.#headAt
    if (headAt !== undefined && headAt < until) {
      const endedAt = this.#bodyEndedAt ?? until
      const ms = endedAt - headAt - sumOf(this.#stepsOf('finish', headAt, endedAt))
      parts.push({ name: 'body', startedAt: headAt, ms: Math.max(0, ms) })
    }
    return parts
  }

  #attemptEntries(attempt: Attempt, number: number, until: number): TimedEntry[] {
    const { startedAt, waitedMs, connectMs, endedAt = until } = attempt
    const taps = this.#stepsOf('upstream', startedAt, endedAt)
    const ms = Math.max(0, endedAt - startedAt - sumOf(taps) - waitedMs)
    // What the gateway itself does before the taps belongs to the try, which comes after them.
    const earliest = taps.at(-1)?.startedAt ?? startedAt
    const entry = (name: string, at: number, took: number): TimedEntry => ({
      name: `${name}.${number}`,
      startedAt: Math.max(earliest, at),
      ms: took,
    })
    const sentAt = endedAt - ms
    const waits = [
      entry('queue', sentAt - waitedMs, waitedMs - connectMs),
      entry('connect', sentAt - connectMs, connectMs),
    ]
    return [
      ...waits.filter((wait) => wait.ms > 0),
      { ...entry('upstream', sentAt, ms), text: textOf(attempt) },
    ]
  }

  /** The steps of a phase that began in this period. */
  #stepsOf(phase: Step['phase'], from: number, to: number): TimedStep[] {
    return this.#steps.filter(
      ({ step, startedAt }) => step.phase === phase && from <= startedAt && startedAt <= to,
    )
  }
}

function sumOf(steps: readonly TimedStep[]): number {
  return steps.reduce((sum, { ownMs }) => sum + ownMs, 0)
}

function stepEntry({ step, outcome, startedAt, ownMs }: TimedStep): TimedEntry {
  const { kind, name, type, phase } = step
  const ms = Math.max(0, ownMs)
  if (kind === 'middleware') {
    const text = `${name} (${type}) ${phase}: ${outcome}`
    return { name: `middleware.${name}.${phase}`, startedAt, ms, text }
  }
  if (kind === 'tap') {
    const text = `${name} ${phase}: ${outcome}`
    return { name: `tap.${shortName(name)}.${phase}`, startedAt, ms, text }
  }
  return { name: `service.${name}.${type}`, startedAt, ms, text: `${type} of ${name}: ${outcome}` }
}

/** Of taps that are named after their package. */
function shortName(name: string): string {
  return name.replace(/^@gatewright\/plugin-/, '')
}

function textOf({ service, endpoint, status, error }: Attempt): string {
  const { protocol, host } = endpoint.url
  return `${service.name} ${protocol}//${host}: ${error?.code ?? status ?? 'no answer'}`
}

/** Whether the client can do something with trailers (RFC 9110 section 10.1.4). */
function takesTrailers({ request }: RequestContext): boolean {
  return request.head.headers
    .getAll('te')
    .some((value) => /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value))
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
