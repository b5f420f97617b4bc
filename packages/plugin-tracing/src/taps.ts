import {
  ActiveValues,
  figures,
  type GatewayHooks,
  type PluginGateway,
  RequestContext,
  type Scope,
  type Snapshot,
  Stage,
} from '@gatewright/kernel'
import { settingsOf } from './export/settings.ts'
import { SpanExporter } from './export/span-exporter.ts'
import type { TracingOptions } from './options.ts'
import { stepSpans } from './spans/step-spans.ts'
import { Tracing } from './tracing.ts'

const name = '@gatewright/plugin-tracing'

/** Makes what a `tracing` block asks for. */
export type MakeTracing = (options: TracingOptions, scope: Scope) => Tracing

/** Finds what traces are made with in a configuration, if it asks for any. */
export type Find = (snapshot: Snapshot) => Tracing | undefined

const active = new ActiveValues<Tracing>()

/**
 * Has the tracing of a configuration follow what happens in it. To be called in `setup`.
 * @param find The tracing of a configuration, if it has some.
 * @returns What makes it.
 */
export function setUpTracing(gateway: PluginGateway, find: Find): MakeTracing {
  tap(gateway.hooks, find)
  registerFigures(gateway)
  return (options, scope) => {
    if (options.detail === 'full' && options.otlp_endpoint !== '') scope.observeSteps(stepSpans)
    return new Tracing(options, exporterFor(options, scope))
  }
}

/** The tracing of what a gateway runs; `undefined` if its configuration asks for none. */
export function tracingOf(gateway: { readonly hooks: GatewayHooks }): Tracing | undefined {
  return active.of(gateway)
}

function tap(hooks: GatewayHooks, find: Find): void {
  active.follow(hooks, name, find)
  hooks.request.tap({ name, stage: Stage.first }, (ctx) => {
    find(ctx.snapshot)?.began(ctx)
    return undefined
  })
  // Whatever else is written into the head, this is what holds.
  hooks.upstream.tap({ name, stage: Stage.last }, (exchange, attempt) => {
    if (exchange instanceof RequestContext) find(exchange.snapshot)?.trying(exchange, attempt)
  })
  hooks.response.tap({ name, stage: Stage.late }, (ctx, response) =>
    find(ctx.snapshot)?.answering(ctx, response),
  )
  // Before those who tell of the exchange what was noted.
  hooks.finish.tap({ name, stage: Stage.early }, (exchange) =>
    find(exchange.snapshot)?.ended(exchange),
  )
}

/** Once, though several plugins may have tracing in their blocks. */
function registerFigures(gateway: PluginGateway): void {
  const registry = gateway.registry(figures)
  if (registry.find('tracing_spans_exported_total') !== undefined) return
  registry.register({
    type: 'tracing_spans_exported_total',
    kind: 'counter',
    help: 'Spans that the collector has taken',
    labels: [],
    read: () => {
      const exporter = tracingOf(gateway)?.exporter
      return exporter === undefined ? [] : [{ labels: [], value: exporter.exported }]
    },
  })
  registry.register({
    type: 'tracing_spans_dropped_total',
    kind: 'counter',
    help: 'Spans that have not reached the collector',
    labels: ['reason'],
    read: () =>
      Object.entries(tracingOf(gateway)?.exporter?.lost ?? {}).map(([reason, value]) => ({
        labels: [reason],
        value,
      })),
  })
}

/** One that goes on with its queue and its counts over reloads. */
function exporterFor(options: TracingOptions, scope: Scope): SpanExporter | undefined {
  if (options.otlp_endpoint === '') return undefined
  const settings = settingsOf(options)
  // Whichever plugin has the block, such as plugin-observability.
  const key = `${name}:${JSON.stringify(settings)}`
  return scope.keep(key, () => new SpanExporter(settings, scope.log))
}
