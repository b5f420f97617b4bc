import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { ConfigPath, ConfigProblem } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import {
  diagnose,
  diagnosticsToJson,
  formatPath,
  parseHcl,
  problemCodes,
  renderDiagnostics,
} from '../src/index.ts'

const text = `middlewares "eu" {
  type = "rate-limit"
  rate = "ten"
  brst = 5
}
services "api" {
  load_balancer {
    servers = [{ url = "a" }]
  }
}
`

describe('diagnose', () => {
  it.each<[string, string, ConfigPath, number[]]>([
    ['the value of an attribute', 'GW_CONFIG_TYPE', ['middlewares', 'eu', 'rate'], [3, 10, 3, 15]],
    ['an unknown key', 'GW_CONFIG_UNKNOWN_KEY', ['middlewares', 'eu', 'brst'], [4, 3, 4, 7]],
    ['the header of a block', 'GW_CONFIG_KIND', ['middlewares', 'eu'], [1, 1, 1, 17]],
    [
      'the nearest ancestor',
      'GW_CONFIG_MISSING_KEY',
      ['middlewares', 'eu', 'burst'],
      [1, 1, 1, 17],
    ],
    [
      'an item for one of its keys',
      'GW_CONFIG_MISSING_KEY',
      ['services', 'api', 'load_balancer', 'servers', 0, 'weight'],
      [8, 16, 8, 29],
    ],
    ['the section for a missing block', 'GW_UNKNOWN_REFERENCE', ['services', 'web'], [6, 1, 6, 15]],
    ['the beginning of the file', 'GW_CONFIG_INVALID', ['entrypoints'], [1, 1, 1, 1]],
  ])('points at %s', async (_name, code, path, [line, column, endLine, endColumn]) => {
    const document = await parseHcl(text, { file: 'gateway.hcl' })

    const diagnostics = diagnose(document, [{ code, path, message: 'wrong' }])

    expect(diagnostics).toEqual([
      {
        severity: 'error',
        file: 'gateway.hcl',
        code,
        path,
        message: 'wrong',
        line,
        column,
        endLine,
        endColumn,
      },
    ])
  })

  it('sorts by position', async () => {
    const document = await parseHcl(text, { file: 'gateway.hcl' })
    const problems = [
      problem(['services', 'api']),
      problem(['middlewares', 'eu', 'rate']),
      problem(['middlewares', 'eu', 'type']),
    ]

    expect(diagnose(document, problems).map(({ line }) => line)).toEqual([2, 3, 6])
  })

  it('says nothing about values that are not known', async () => {
    const options = { file: 'gateway.hcl', env: {}, allowMissingEnv: true }
    const document = await parseHcl('a = A\nb = 1', options)

    expect(diagnose(document, [problem(['a']), problem(['b'])])).toMatchObject([{ path: ['b'] }])
  })
})

describe('renderDiagnostics', () => {
  const diagnostic = {
    severity: 'error',
    code: 'GW_CONFIG_UNKNOWN_KEY',
    message: 'unknown key "brst"; did you mean "burst"?',
    path: ['middlewares', 'eu', 'brst'],
    suggestion: 'burst',
    hint: 'see the table of keys',
    file: 'gateway.hcl',
    line: 4,
    column: 3,
    endLine: 4,
    endColumn: 7,
  } as const

  it('puts each problem on a line', () => {
    expect(renderDiagnostics([diagnostic, { ...diagnostic, path: [] }], plain)).toBe(
      [
        'gateway.hcl:4:3: error GW_CONFIG_UNKNOWN_KEY middlewares "eu" / brst: unknown key "brst"; did you mean "burst"?',
        '  hint: see the table of keys',
        'gateway.hcl:4:3: error GW_CONFIG_UNKNOWN_KEY: unknown key "brst"; did you mean "burst"?',
        '  hint: see the table of keys',
        '',
      ].join('\n'),
    )
  })

  it('shows the line, the one before, and a caret', () => {
    const { hint: _, ...withoutHint } = diagnostic

    const rendered = renderDiagnostics([withoutHint], { ...plain, frames: true, source: text })

    expect(rendered.split('\n').slice(1)).toEqual([
      '  3 |   rate = "ten"',
      '  4 |   brst = 5',
      '    |   ^^^^',
      '',
    ])
  })

  it('ends the caret with the line', () => {
    const block = { ...diagnostic, line: 7, column: 3, endLine: 9, endColumn: 4 }

    const rendered = renderDiagnostics([block], { ...plain, frames: true, source: text })

    expect(rendered).toContain(`    |   ${'^'.repeat('load_balancer {'.length)}\n`)
  })

  it('differs in colours only', () => {
    const options = { frames: true, source: text }

    const colored = renderDiagnostics([diagnostic], { ...options, color: true })

    expect(colored).toContain('\u001b[31m')
    expect(stripVTControlCharacters(colored)).toBe(
      renderDiagnostics([diagnostic], { ...options, color: false }),
    )
  })

  it('has a form for programs', () => {
    const json = diagnosticsToJson([diagnostic])

    expect(json).toEqual([diagnostic])
    expect(Object.keys(Object(json[0]))).toEqual([
      'severity',
      'code',
      'message',
      'path',
      'file',
      'line',
      'column',
      'endLine',
      'endColumn',
      'suggestion',
      'hint',
    ])
  })
})

describe('formatPath', () => {
  it.each<[ConfigPath, string]>([
    [[], ''],
    [['shutdown_timeout_secs'], 'shutdown_timeout_secs'],
    [['middlewares', 'limit', 'rate'], 'middlewares "limit" / rate'],
    [['services', 'a b'], 'services "a b"'],
    [
      ['services', 'api', 'load_balancer', 'servers', 0, 'url'],
      'services "api" / load_balancer / servers[0] / url',
    ],
    [['providers', 'docker', 'host'], 'providers / docker / host'],
    [['x', 'a.b', '__proto__'], 'x / "a.b" / __proto__'],
  ])('writes %j as %s', (path, expected) => {
    expect(formatPath(path)).toBe(expected)
  })
})

describe('problem codes', () => {
  it.each(Object.entries(problemCodes))('%s is in the README', (code, meaning) => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

    expect(readme).toContain(`| \`${code}\` | ${meaning} |`)
  })
})

const plain = { color: false, frames: false }

function problem(path: ConfigPath): ConfigProblem {
  return { path, code: 'GW_CONFIG_TYPE', message: 'wrong' }
}
