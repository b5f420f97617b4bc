import { ContextKey } from '@gatewright/kernel'
import { newSpanId, newTraceId } from './propagation/ids.ts'
import type { RemoteTrace } from './propagation/remote-trace.ts'
import type { Span } from './spans/span.ts'

/** The place of an exchange in its trace, for other plugins too. */
export const traceOf: ContextKey<ExchangeTrace> = new ContextKey('tracing.trace')

/** No request has so many steps; what is tried again and again must not grow without end. */
const maxSteps = 128

/** The place of an exchange in its trace. */
export class ExchangeTrace {
  readonly traceId: string
  /** Of the exchange itself. */
  readonly spanId: string
  /** What the exchange is part of; `undefined` if the trace begins with it. */
  readonly parent: RemoteTrace | undefined
  /** The trace of a client that is not trusted. */
  readonly link: RemoteTrace | undefined
  /** Whether the trace is recorded. */
  readonly sampled: boolean
  readonly flags: number
  readonly state: string | undefined
  #attemptIds: string[] | undefined = undefined
  #steps: Span[] | undefined = undefined

  constructor(
    traceId: string,
    spanId: string,
    parent: RemoteTrace | undefined,
    link: RemoteTrace | undefined,
    sampled: boolean,
  ) {
    this.traceId = traceId
    this.spanId = spanId
    this.parent = parent
    this.link = link
    this.sampled = sampled
    this.flags = parent?.flags ?? 0
    this.state = parent?.state
  }

  /** One that begins here. */
  static begin(
    traceId: string = newTraceId(),
    sampled: boolean,
    link?: RemoteTrace,
  ): ExchangeTrace {
    return new ExchangeTrace(traceId, newSpanId(), undefined, link, sampled)
  }

  /** What one exchange does in the trace beside it, such as its copy. */
  branch(): ExchangeTrace {
    return new ExchangeTrace(this.traceId, this.spanId, this.parent, undefined, this.sampled)
  }

  /** The id of the span of a try. */
  attemptId(index: number): string {
    this.#attemptIds ??= []
    return (this.#attemptIds[index] ??= newSpanId())
  }

  get steps(): readonly Span[] {
    return this.#steps ?? noSteps
  }

  addStep(step: Span): void {
    this.#steps ??= []
    if (this.#steps.length < maxSteps) this.#steps.push(step)
  }
}

const noSteps: readonly Span[] = []
