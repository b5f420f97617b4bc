import { checkField } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { TracingOptions } from '../options.ts'
import type { ExportSettings } from './span-exporter.ts'

/**
 * What a `tracing` block asks the exporter for. Throws GW_TRACING_ENDPOINT or GW_TRACING_HEADER for
 * what could not be sent.
 */
export function settingsOf(options: TracingOptions): ExportSettings {
  for (const [name, value] of Object.entries(options.otlp_headers)) checkHeader(name, value)
  return {
    endpoint: endpointOf(options.otlp_endpoint),
    headers: options.otlp_headers,
    resource: {
      ...options.resource,
      'service.name': options.service_name,
      'telemetry.sdk.name': 'gatewright',
      'telemetry.sdk.language': 'nodejs',
      'process.pid': process.pid,
    },
    batchSize: options.batch_size,
    batchDelayMs: options.batch_delay,
    queueSize: options.queue_size,
  }
}

/** Collectors take traces at one place, which is rarely written down (OTLP/HTTP). */
function endpointOf(text: string): URL {
  const option = ['otlp_endpoint']
  const url = URL.parse(text)
  if (url === null) throw errors.GW_TRACING_ENDPOINT(undefined, { option })
  if (url.pathname === '/') url.pathname = '/v1/traces'
  return url
}

function checkHeader(name: string, value: string): void {
  const option = ['otlp_headers', name]
  try {
    checkField(name.toLowerCase(), value)
  } catch (cause) {
    throw errors.GW_TRACING_HEADER({ name }, { option, cause })
  }
}
