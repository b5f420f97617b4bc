import type { OptionsSchema } from '@gatewright/kernel'
import { type AccessLogOptions, accessLogSchema } from '@gatewright/plugin-access-log'
import { type MetricsOptions, metricsSchema } from '@gatewright/plugin-metrics'
import { type TracingOptions, tracingSchema } from '@gatewright/plugin-tracing'

/** The keys of the `observability` block. */
export interface ObservabilityOptions {
  metrics_enabled: boolean
  access_log_enabled: boolean
  tracing_enabled: boolean
  metrics: MetricsOptions
  access_log: AccessLogOptions
  tracing: TracingOptions
  log: LogOptions
}

/** The log of the gateway itself. */
export interface LogOptions {
  /** As on the command line, if it says nothing. */
  level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
}

const block = { type: 'object', additionalProperties: false, default: {} } as const
const enabled = { type: 'boolean', default: true } as const

/** Checks an `observability` block. */
export const observabilitySchema: OptionsSchema<ObservabilityOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    metrics_enabled: { ...enabled, description: 'Count. Without it nothing is kept.' },
    access_log_enabled: { ...enabled, description: 'Write a line for every exchange.' },
    tracing_enabled: {
      ...enabled,
      description: 'Hand traces on. Without it header fields of traces pass as they are.',
    },
    metrics: {
      ...block,
      properties: metricsSchema.properties,
      description: 'What the block `metrics` takes.',
    },
    access_log: {
      ...block,
      properties: accessLogSchema.properties,
      description: 'What the block `access_log` takes.',
    },
    tracing: {
      ...block,
      properties: tracingSchema.properties,
      description: 'What the block `tracing` takes.',
    },
    log: {
      ...block,
      properties: {
        level: {
          type: 'string',
          enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
          description:
            'How much the log of the gateway says, from the moment when the configuration is in force. Default: what the command line says.',
        },
      },
      description: 'The log of the gateway itself.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Metrics and traces, and no access log',
      hcl: `observability {
  access_log_enabled = false

  tracing {
    otlp_endpoint = "http://127.0.0.1:4318"
    sample_rate   = 0.1
  }
}
`,
    },
  ],
}
