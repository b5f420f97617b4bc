import type {
  ChosenRouter,
  ExplainedRequest,
  ExplainedRouter,
  Explanation,
} from '@gatewright/plugin-management'
import { paint, type TextStream } from '../output.ts'

/**
 * Who would take a request, for people.
 * @param running Whether the answer is that of a gateway that runs, and knows how its servers do.
 */
export function renderExplanation(
  { request, chosen, error, others, notes }: Explanation,
  running: boolean,
  stream: TextStream,
): string {
  const verdict =
    chosen === null
      ? [paint(stream, 'red', `✗ ${refusal(request, error)}`)]
      : renderChosen(chosen, running, stream)
  return [
    renderRequest(request),
    '',
    ...verdict,
    ...renderOthers(others, chosen !== null, stream),
    ...(notes.length > 0 ? [''] : []),
    ...notes.map((note) => paint(stream, 'yellow', `! ${note}`)),
  ].join('\n')
}

function renderRequest(request: ExplainedRequest): string {
  const { protocol, method, target, host, encrypted, server_name: name } = request
  const what =
    protocol === 'http'
      ? `${method} ${target}${host === undefined || host === '' ? '' : ` of ${host}`}`
      : `a ${protocol === 'udp' ? 'datagram' : 'connection'}`
  const tls = encrypted ? `, over TLS${name === undefined ? '' : ` as ${name}`}` : ''
  return [
    `${what}${tls}, from ${request.remote_address}`,
    `  at the entrypoint "${request.entrypoint}": ${request.entrypoint_because}`,
  ].join('\n')
}

function refusal({ protocol }: ExplainedRequest, error: Explanation['error']): string {
  if (error === undefined) return 'nobody takes it'
  const { code, status, message } = error
  const who = code === 'GW_NO_ROUTE' ? 'no router takes it' : `it is refused: ${message}`
  if (protocol !== 'http') return `${who}; the gateway closes it (${code})`
  return `${who}; the client gets ${status} (${code})`
}

function renderChosen(
  { router, because, rule, middlewares, ...chosen }: ChosenRouter,
  running: boolean,
  stream: TextStream,
): string[] {
  const { service, servers, available } = chosen
  const passes = middlewares.map(({ name, type }) => `${name} (${type})`).join(' → ')
  const count = servers === 1 ? '1 server' : `${servers} servers`
  return [
    paint(stream, 'green', `✓ "${router}" takes it: ${because}`),
    `  rule         ${rule}`,
    `  priority     ${renderPriority(chosen)}`,
    `  middlewares  ${passes === '' ? 'none' : passes}`,
    `  service      ${service}, ${count}${running ? `, ${available} of them available` : ''}`,
  ]
}

function renderPriority({
  priority,
  priority_from: from,
}: Pick<ExplainedRouter, 'priority' | 'priority_from'>): string {
  return from === 'rule' ? `${priority}, the length of its rule` : `${priority}, as configured`
}

function renderOthers(
  others: readonly ExplainedRouter[],
  isChosen: boolean,
  stream: TextStream,
): string[] {
  if (others.length === 0) return []
  const width = Math.max(...others.map(({ router }) => router.length))
  const digits = Math.max(...others.map(({ priority }) => String(priority).length))
  return [
    '',
    `${isChosen ? 'The others' : 'The routers'}, in the order in which they are asked:`,
    ...others.map(({ router, priority, matches, because }) => {
      const mark = matches ? paint(stream, 'yellow', '·') : paint(stream, 'red', '✗')
      return `  ${mark} ${router.padEnd(width)}  ${String(priority).padStart(digits)}  ${because}`
    }),
  ]
}
