import type { ReloadReport } from '@gatewright/kernel'
import { type Logger, pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Output, type TextStream } from '../src/output.ts'
import { logReload } from '../src/reload-log.ts'

const nothing = { added: [], removed: [], updated: [] }

const report: ReloadReport = {
  version: 3,
  hash: '0123456789abcdef',
  unchanged: false,
  changed: {
    entrypoints: nothing,
    routers: { added: ['new'], removed: ['old'], updated: ['web'] },
    services: nothing,
    middlewares: nothing,
    providers: nothing,
    sections: { added: ['plugins.audit'], removed: [], updated: ['workers'] },
  },
  drained: ['old', 'web'],
  warnings: ['"workers" needs a restart'],
  durationMs: 1,
}

describe('the report of a reload', () => {
  it('is a list on a terminal', () => {
    const stream = textStream(true)

    logReload(report, 7, logTo(stream), new Output(false, stream))

    expect(stream.lines()).toEqual([
      'configuration reloaded {"version":3,"hash":"0123456789abcdef","tookMs":7}',
      '  + routers "new"',
      '  - routers "old"',
      '  ~ routers "web"',
      '  + plugins "audit"',
      '  ~ workers',
      '  draining: old, web',
      '"workers" needs a restart {}',
    ])
  })

  it('is not told to those who want warnings only', () => {
    const stream = textStream(true)
    const log = logTo(stream)
    log.level = 'warn'

    logReload(report, 7, log, new Output(false, stream))

    expect(stream.lines()).toEqual(['"workers" needs a restart {}'])
  })

  it.each([
    { what: 'no terminal', isTTY: false, json: false },
    { what: '--json', isTTY: true, json: true },
  ])('is one line for programs: $what', ({ isTTY, json }) => {
    const stream = textStream(isTTY)

    logReload(report, 7, logTo(stream), new Output(json, stream))

    const { changed: _changed, ...rest } = fieldsOf(stream.lines()[0])
    expect(stream.lines()).toHaveLength(1)
    expect(rest).toEqual({
      version: 3,
      hash: '0123456789abcdef',
      drained: ['old', 'web'],
      warnings: ['"workers" needs a restart'],
      tookMs: 7,
    })
  })
})

function textStream(isTTY: boolean): TextStream & { readonly lines: () => string[] } {
  let text = ''
  return {
    isTTY,
    write: (more) => (text += more),
    lines: () => text.trimEnd().split('\n'),
  }
}

/** Writes the message and then the fields. */
function logTo(stream: TextStream): Logger {
  return pino(
    { base: null, timestamp: false },
    {
      write(line: string) {
        const { level: _level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
        stream.write(`${String(msg)} ${JSON.stringify(fields)}\n`)
      },
    },
  )
}

function fieldsOf(line = ''): Readonly<Record<string, unknown>> {
  // Written by the log above.
  return JSON.parse(line.slice(line.indexOf('{'))) as Readonly<Record<string, unknown>>
}
