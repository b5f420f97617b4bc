import type { Exchange, Step, StepMeter, StepObserver, StepOutcome } from '@gatewright/kernel'
import { type ExchangeTrace, traceOf } from '../exchange-trace.ts'
import { newSpanId } from '../propagation/ids.ts'
import { Attributes, Kind } from './span.ts'

/** Shorter is no waiting but the time that it takes to look. */
const leastWaitMs = 1

/** Gives every step of a middleware a span, and every wait for a free server. */
export const stepSpans: StepObserver = {
  meterFor(step) {
    if (step.kind === 'middleware') return new MiddlewareMeter(step)
    // What it does by itself is to wait.
    const queues = step.kind === 'service feature' && step.type === 'scaling'
    return queues ? new QueueMeter(step) : undefined
  },
}

/** For exchanges that are recorded. */
abstract class SpanMeter implements StepMeter {
  protected readonly step: Step

  constructor(step: Step) {
    this.step = step
  }

  timed(exchange: Exchange): boolean {
    return exchange.get(traceOf)?.sampled === true
  }

  abstract done(exchange: Exchange, outcome: StepOutcome, startedAt: number, ownMs: number): void
}

class MiddlewareMeter extends SpanMeter {
  done(exchange: Exchange, outcome: StepOutcome, startedAt: number): void {
    const trace = exchange.get(traceOf)
    if (trace === undefined || startedAt === 0) return
    const { name, type, phase } = this.step
    const attributes = new Attributes()
    attributes.add('gateway.middleware.type', type)
    attributes.add('gateway.phase', phase)
    attributes.add('gateway.outcome', outcome)
    add(trace, `middleware ${name}`, startedAt, performance.now(), attributes, outcome === 'failed')
  }
}

class QueueMeter extends SpanMeter {
  done(exchange: Exchange, _outcome: StepOutcome, startedAt: number, ownMs: number): void {
    const trace = exchange.get(traceOf)
    if (trace === undefined || startedAt === 0 || ownMs < leastWaitMs) return
    const attributes = new Attributes()
    attributes.add('gateway.service', this.step.name)
    add(trace, 'queue', startedAt, startedAt + ownMs, attributes, false)
  }
}

function add(
  trace: ExchangeTrace,
  name: string,
  startedAt: number,
  endedAt: number,
  attributes: Attributes,
  failed: boolean,
): void {
  trace.addStep({
    traceId: trace.traceId,
    spanId: newSpanId(),
    parentId: trace.spanId,
    remoteParent: false,
    state: trace.state,
    flags: trace.flags,
    kind: Kind.internal,
    name,
    startedAt,
    endedAt,
    attributes,
    failed,
    link: undefined,
  })
}
