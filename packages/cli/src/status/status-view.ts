import type { StatusAnswer } from '@gatewright/plugin-management'
import { noFigure, renderAge } from '../figures.ts'
import { paint, type TextStream } from '../output.ts'
import type { Identity } from '../running/messages.ts'
import { renderColumns } from '../table.ts'

/** How a gateway does, for people. */
export function renderStatus(who: Identity, answer: StatusAnswer, stream: TextStream): string {
  return [
    ...head(who, answer, stream),
    ...entrypoints(answer),
    ...routers(answer),
    ...services(answer, stream),
    ...providers(answer, stream),
    ...uncounted(answer, who, stream),
  ].join('\n')
}

function head({ pid, file }: Identity, { health }: StatusAnswer, stream: TextStream): string[] {
  const { state, uptime_secs: uptime, version, workers, config } = health
  const { last_error: refused } = config
  const processes = workers === 1 ? '' : `, ${workers} workers`
  const style = state === 'Running' ? 'green' : 'yellow'
  return [
    `${paint(stream, style, state)} for ${renderAge(uptime)}: gatewright ${version}, process ${pid}${processes}`,
    `Configuration ${config.version} of ${file ?? 'no file'}, loaded ${config.loaded_at}, hash ${config.hash}`,
    ...(refused === null
      ? []
      : [
          paint(
            stream,
            'yellow',
            `! Another one was refused ${refused.at}: ${refused.message} (${refused.code})`,
          ),
        ]),
  ]
}

function entrypoints({ health }: StatusAnswer): string[] {
  const rows = health.entrypoints.map(({ name, address, port, protocol, ...rest }) => [
    name,
    port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`,
    protocol,
    figure(rest.open_connections),
  ])
  return table(['entrypoint', 'address', 'protocol', 'connections'], rows)
}

function routers({ routes }: StatusAnswer): string[] {
  const rows = routes.map((route) => [
    route.name,
    route.service,
    String(route.compiled_priority),
    route.entrypoints.join(', '),
    figure(route.requests_total),
    figure(route.errors_total),
    route.rule,
  ])
  const headings = ['router', 'service', 'priority', 'entrypoints', 'requests', 'errors', 'rule']
  return table(headings, rows)
}

function services({ services: all }: StatusAnswer, stream: TextStream): string[] {
  const rows = all.flatMap(({ name, strategy, backends }) =>
    backends.map(({ url, state, weight, active_connections: active }) => [
      name,
      strategy,
      url,
      state,
      String(weight),
      String(active),
    ]),
  )
  const bare = all
    .filter(({ backends }) => backends.length === 0)
    .map(({ name, strategy }) => [name, strategy, 'no servers', noFigure, noFigure, noFigure])
  const lines = table(
    ['service', 'strategy', 'server', 'state', 'weight', 'active'],
    [...rows, ...bare],
  )
  const states = [...rows, ...bare].map(([, , , state]) => state)
  const first = lines.length - states.length
  return lines.map((line, index) => {
    const state = states[index - first]
    return state === 'down' || state === 'partly down' ? paint(stream, 'red', line) : line
  })
}

function providers({ health }: StatusAnswer, stream: TextStream): string[] {
  const rows = health.providers.map(({ name, status }) => [name, status])
  const refused = health.providers.flatMap(({ name, refused: parts }) =>
    parts.map(({ source, stand_in: standIn, problems }) => {
      const instead = standIn === 'nothing' ? 'is left out' : 'stays as it was'
      return paint(stream, 'yellow', `! ${name}: ${source} ${instead}: ${problems.join('; ')}`)
    }),
  )
  const failed = health.providers.flatMap(({ name, problem, refused: parts }) =>
    // What did not load is told of as a part.
    problem === null || parts.some(({ problems }) => problems.includes(problem))
      ? []
      : [paint(stream, 'yellow', `! ${name}: ${problem}`)],
  )
  return rows.length === 0 ? [] : [...table(['provider', 'state'], rows), ...failed, ...refused]
}

function uncounted(
  { counted_by: counter }: StatusAnswer,
  { pid, file }: Identity,
  stream: TextStream,
): string[] {
  if (counter !== null) return []
  return ['', paint(stream, 'yellow', `! ${howToCount('requests and connections', { pid, file })}`)]
}

/** What to do about columns that are missing. */
export function howToCount(
  what: string,
  { pid, file = 'the configuration' }: { readonly pid: number; readonly file?: string | undefined },
): string {
  return `nobody counts ${what}: put "metrics {}" into ${file}, then: kill -HUP ${pid}`
}

function figure(value: number | null): string {
  return value === null ? noFigure : String(value)
}

/** With an empty line before it. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return ['', ...renderColumns(headings, rows).split('\n')]
}
