/**
 * What a figure has to be so that it can be shown: Prometheus refuses all numbers of a gateway for the
 * sake of one whose name is wrong.
 *
 * @module
 */
import { errors } from './errors.ts'
import type { Figure } from './figure.ts'

/**
 * What metrics count themselves; see the README of plugin-metrics. A figure of the same name would
 * stand beside it.
 */
export const ownFigures: readonly string[] = [
  'active_connections',
  'auth_failures_total',
  'backend_active_requests',
  'backend_healthy',
  'backend_requests_total',
  'build_info',
  'config_info',
  'entrypoint_connections_total',
  'entrypoint_open_connections',
  'errors_total',
  'failover_total',
  'grpc_responses_total',
  'middleware_invocations_total',
  'plugin_errors_total',
  'plugin_step_seconds',
  'plugin_steps_total',
  'rate_limited_total',
  'rejected_total',
  'request_bytes_total',
  'request_duration_seconds',
  'requests_total',
  'response_bytes_total',
  'responses_total',
  'retries_total',
  'router_errors_total',
  'router_latency_microseconds_total',
  'router_requests_total',
  'service_active_requests',
  'service_errors_total',
  'service_request_duration_seconds',
  'service_requests_total',
  'service_ttft_seconds',
  'stream_bytes_total',
  'tcp_connections_total',
  'udp_sessions_total',
  'upstream_connect_seconds',
  'upstream_duration_seconds',
]

const reserved = new Set(ownFigures)
const namePattern = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/
const labelPattern = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/
/** What histograms and summaries add to the names of their series. */
const ofHistograms = /_(?:bucket|sum|count)$/
const kinds: readonly unknown[] = ['counter', 'gauge']
const ways: readonly unknown[] = [undefined, 'sum', 'max', 'min']

/** Throws GW_FIGURE_INVALID. */
export function checkFigure(figure: Figure, plugin: string): void {
  const { type } = figure
  const problem = nameFlaw(figure) ?? labelFlaw(figure.labels) ?? otherFlaw(figure)
  if (problem !== undefined) throw errors.GW_FIGURE_INVALID({ type, plugin, problem })
}

function nameFlaw({ type, kind }: Figure): string | undefined {
  if (!namePattern.test(type)) {
    const better = nameLike(type)
    const instead = better === undefined ? '' : `, such as "${better}"`
    return `its name is to be lower-case words with "_" between them${instead}`
  }
  if (!kinds.includes(kind)) return `its kind is ${json(kind)}; expected "counter" or "gauge"`
  if (kind === 'counter' && !type.endsWith('_total')) {
    return `the name of a counter ends in "_total": call it "${type}_total"`
  }
  if (kind === 'gauge' && type.endsWith('_total')) {
    return 'only the name of a counter ends in "_total": make it one, or give it another name'
  }
  if (reserved.has(type) || reserved.has(type.replace(ofHistograms, ''))) {
    return `metrics count "${type}" themselves: put a word of the plugin before it`
  }
  if (/^(?:process|nodejs)_/.test(type)) {
    return 'names with "process_" and "nodejs_" are those of Node: put a word of the plugin before it'
  }
  return undefined
}

function labelFlaw(labels: unknown): string | undefined {
  if (!Array.isArray(labels)) return `its labels are ${json(labels)}; expected a list of names`
  const seen = new Set<unknown>()
  for (const label of labels as unknown[]) {
    if (typeof label !== 'string' || !labelPattern.test(label)) {
      return `its label ${json(label)} is to be a name of letters, digits and "_"`
    }
    if (label === 'le' || label === 'quantile') {
      return `its label "${label}" is one of histograms: give it another name`
    }
    if (seen.has(label)) return `its label "${label}" is there twice`
    seen.add(label)
  }
  return undefined
}

function otherFlaw(figure: Figure): string | undefined {
  const { help, across } = figure
  if (typeof help !== 'string' || help.trim() === '') return 'its help is to say what it is'
  if (!ways.includes(across)) {
    return `its "across" is ${json(across)}; expected "sum", "max" or "min"; what is averaged over workers has to be two figures, a sum and a count`
  }
  return typeof figure.read === 'function' ? undefined : 'it has no function "read"'
}

/** A name that would do. */
function nameLike(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined
  const words = type.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
  const better = words.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, '')
  return namePattern.test(better) ? better : undefined
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
