import { requestIdOf } from '@gatewright/identity'
import {
  type Attempt,
  type Exchange,
  ForkedContext,
  type GatewayResponse,
  type HeaderList,
  note,
  RequestContext,
} from '@gatewright/kernel'
import { ExchangeTrace, traceOf } from './exchange-trace.ts'
import type { SpanExporter } from './export/span-exporter.ts'
import type { TracingOptions, Trust } from './options.ts'
import { type B3, unsampled } from './propagation/b3.ts'
import { extract, removeTraceFields } from './propagation/extraction.ts'
import { newSpanId, newTraceId } from './propagation/ids.ts'
import { Injection } from './propagation/injection.ts'
import type { RemoteTrace } from './propagation/remote-trace.ts'
import { traceparentOf } from './propagation/traceparent.ts'
import { Sampler } from './sampler.ts'
import { Recorder } from './spans/recorder.ts'

/** More of it is nobody's baggage (W3C Baggage section 3.3.2). */
const maxBaggage = 8192
/** `keep-alive`, which says nothing of fields. */
const harmlessConnection = 10

/** What becomes of traces in one configuration. */
export class Tracing {
  /** Takes the spans of recorded traces; `undefined` if they are only handed on. */
  readonly exporter: SpanExporter | undefined
  readonly #options: TracingOptions
  readonly #sampler: Sampler
  readonly #injection: Injection
  readonly #recorder: Recorder
  /** Whose traces are continued. */
  readonly #trustIds: Trust

  constructor(options: TracingOptions, exporter: SpanExporter | undefined) {
    this.exporter = exporter
    this.#options = options
    this.#sampler = new Sampler(options.sample_rate, options.exclude_paths)
    this.#injection = new Injection(options.propagation)
    this.#recorder = new Recorder(options)
    this.#trustIds = options.trust === 'never' ? 'never' : options.trust_ids
  }

  /** Sends what waits to be sent. */
  async flush(): Promise<void> {
    await this.exporter?.flush()
  }

  /** A request has come. */
  began(ctx: RequestContext): ExchangeTrace {
    const { headers } = ctx.request
    const remote = extract(headers)
    removeTraceFields(headers)
    this.#boundBaggage(headers)
    const trace = this.#place(ctx, remote)
    keep(ctx, trace)
    if (this.#options.subrequests) {
      this.#injection.apply(headers, trace, trace.spanId, trace.parent?.spanId)
    }
    if (this.#options.request_id !== 'none') identify(ctx)
    return trace
  }

  /** A try of it is about to be sent. */
  trying(ctx: RequestContext, attempt: Attempt): void {
    const trace = ctx.get(traceOf) ?? this.#copied(ctx)
    if (trace === undefined) return
    const { request } = ctx
    const connection = request.headers.get('connection') ?? ''
    const removed = connection.length > harmlessConnection && this.#injection.isNamedBy(connection)
    // The copy has nothing left of what the connection has to do with.
    const headers = removed ? attempt.headers : (attempt.touchedHeaders ?? request.headers)
    this.#injection.apply(headers, trace, trace.attemptId(attempt.index), trace.spanId)
  }

  /** The head of its response is about to be sent. */
  answering(ctx: RequestContext, { headers }: GatewayResponse): void {
    const { response_header: header, request_id: id } = this.#options
    if (id === 'both') headers.set('x-request-id', requestIdOf(ctx))
    const trace = header === 'none' ? undefined : ctx.get(traceOf)
    if (trace === undefined) return
    const { traceId, spanId, sampled, flags } = trace
    if (header === 'x-trace-id') headers.set('x-trace-id', traceId)
    else headers.set('traceresponse', traceparentOf(traceId, spanId, sampled, flags))
  }

  /** An exchange is over: also one that was refused before anything could be asked of it. */
  ended(exchange: Exchange): void {
    const trace =
      exchange.get(traceOf) ??
      (exchange instanceof RequestContext ? this.began(exchange) : this.#stream(exchange))
    const { exporter } = this
    if (exporter === undefined || !trace.sampled) return
    for (const span of this.#recorder.spansOf(exchange, trace, performance.now())) {
      exporter.add(span)
    }
  }

  #stream(exchange: Exchange): ExchangeTrace {
    const traceId = newTraceId()
    const trace = ExchangeTrace.begin(traceId, this.#sampler.includes(traceId))
    keep(exchange, trace)
    return trace
  }

  /** The place of a copy: beside what it is a copy of. */
  #copied(ctx: RequestContext): ExchangeTrace | undefined {
    if (!(ctx instanceof ForkedContext)) return undefined
    const trace = ctx.original.get(traceOf)?.branch()
    if (trace === undefined) return undefined
    ctx.set(traceOf, trace)
    const { exporter } = this
    if (exporter === undefined || !trace.sampled) return trace
    ctx.defer(() => {
      for (const span of this.#recorder.attemptsOf(ctx, trace, performance.now(), true)) {
        exporter.add(span)
      }
    })
    return trace
  }

  #place(ctx: RequestContext, remote: B3): ExchangeTrace {
    const { trust } = this.#options
    if (remote === unsampled || remote === undefined) {
      const traceId = newTraceId()
      const told = remote === unsampled && isTrusted(ctx, trust) ? false : undefined
      return ExchangeTrace.begin(traceId, told ?? this.#decide(ctx, traceId))
    }
    if (isTrusted(ctx, this.#trustIds)) return this.#continue(ctx, remote)
    const traceId = newTraceId()
    return ExchangeTrace.begin(traceId, this.#decide(ctx, traceId), remote)
  }

  #continue(ctx: RequestContext, remote: RemoteTrace): ExchangeTrace {
    const { traceId } = remote
    const told = isTrusted(ctx, this.#options.trust) ? remote.sampled : undefined
    const sampled = told ?? this.#decide(ctx, traceId)
    return new ExchangeTrace(traceId, newSpanId(), remote, undefined, sampled)
  }

  #decide({ request }: RequestContext, traceId: string): boolean {
    return !this.#sampler.excludes(request.target) && this.#sampler.includes(traceId)
  }

  #boundBaggage(headers: HeaderList): void {
    const first = headers.get('baggage')
    if (first === undefined) return
    let length = 0
    for (const line of headers.getAll('baggage')) length += line.length
    if (this.#options.baggage === 'drop' || length > maxBaggage) headers.delete('baggage')
  }
}

function isTrusted({ connection }: RequestContext, trust: Trust): boolean {
  return trust === 'always' || (trust === 'trusted_peers' && connection.fromTrustedProxy === true)
}

function keep(exchange: Exchange, trace: ExchangeTrace): void {
  exchange.set(traceOf, trace)
  note(exchange, 'trace_id', trace.traceId)
  note(exchange, 'span_id', trace.spanId)
}

function identify(ctx: RequestContext): void {
  const { headers } = ctx.request
  const id = requestIdOf(ctx)
  if (headers.get('x-request-id') !== id) headers.set('x-request-id', id)
}
