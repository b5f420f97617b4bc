/**
 * `tracing` block: hands traces on to servers, and sends spans to a collector.
 *
 * @module
 */
import { definePlugin, type SectionKey } from '@gatewright/kernel'
import { type TracingOptions, tracingSchema } from './options.ts'
import { type MakeTracing, setUpTracing } from './taps.ts'
import type { Tracing } from './tracing.ts'

export { type ExchangeTrace, traceOf } from './exchange-trace.ts'
export type { Loss, SpanExporter } from './export/span-exporter.ts'
export { type TracingOptions, type Trust, tracingSchema } from './options.ts'
export type { Format } from './propagation/injection.ts'
export type { RemoteTrace } from './propagation/remote-trace.ts'
export type { Attributes, AttributeValue, Span } from './spans/span.ts'
export { type Find, type MakeTracing, setUpTracing, tracingOf } from './taps.ts'
export type { Tracing } from './tracing.ts'

export default definePlugin({
  name: '@gatewright/plugin-tracing',
  setup(gateway) {
    const make: MakeTracing = setUpTracing(gateway, (snapshot) => snapshot.get(key))
    const key: SectionKey<Tracing> = gateway.section<TracingOptions, Tracing>({
      type: 'tracing',
      labelled: false,
      schema: tracingSchema,
      create: (options, scope) => make(options, scope),
    })
  },
})
