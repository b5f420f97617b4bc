import type { PassedStep, PipelineAnswer, TapsAnswer } from '@gatewright/plugin-management'
import { paint, type TextStream } from '../output.ts'
import { renderColumns } from '../table.ts'

/** What the exchanges of a router pass, for people. */
export function renderPipeline(
  { router, kind, service, steps, beside }: PipelineAnswer,
  stream: TextStream,
): string {
  const what = kind === 'http' ? 'a request' : 'a connection'
  const idle = beside.map(({ name, plugin }) => `${name} (${plugin})`).join(', ')
  return [
    paint(
      stream,
      'bold',
      `What ${what} of the router "${router}" passes, to the service "${service}"`,
    ),
    '',
    renderSteps(steps),
    ...(idle === '' ? [] : ['', `Beside it: ${idle}`]),
  ].join('\n')
}

/** In which order the taps of hooks run, for people. */
export function renderTaps({ hooks }: TapsAnswer, stream: TextStream): string {
  if (hooks.length === 0) return 'no hook is tapped'
  return hooks
    .map(({ hook, steps }) => [
      paint(stream, 'bold', `hook "${hook}"`),
      steps.length === 0 ? 'nobody taps it' : renderSteps(steps),
    ])
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function renderSteps(steps: readonly PassedStep[]): string {
  const rows = steps.map(({ position, phase, kind, name, type, plugin, because, source }) => [
    String(position),
    phase,
    renderStep(kind, name, type),
    plugin ?? 'the program',
    source === undefined ? because : `${because} [${source}]`,
  ])
  return renderColumns(['#', 'phase', 'step', 'plugin', 'why'], rows)
}

function renderStep(kind: PassedStep['kind'], name: string, type: string | undefined): string {
  if (kind === 'rules') return name
  return type === undefined || type === name ? `${kind} ${name}` : `${kind} ${name} (${type})`
}
