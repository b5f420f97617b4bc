import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ConfigProblem } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import {
  type Diagnostic,
  diagnose,
  HclSyntaxError,
  parseHcl,
  renderDiagnostics,
} from '../src/index.ts'
import { gatewaySchema } from './gateway-schema.ts'

/**
 * Each file in `corpus/` is wrong; what is said about it stands beside it as `.txt`. After a wanted
 * change, `HCL_UPDATE_CORPUS=1` writes these files anew: look at the difference before it is kept.
 */
const update = process.env['HCL_UPDATE_CORPUS'] !== undefined

const folder = fileURLToPath(new URL('./corpus/', import.meta.url))
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.hcl'))
  .map((name) => name.slice(0, -'.hcl'.length))

const env = {
  NAME: 'a secret',
  EMPTY: '',
  PROTO: '__proto__',
  HUGE: '9007199254740993',
  DECIMAL: '1.5',
}

describe('wrong files', () => {
  it('are many', () => {
    expect(names.length).toBeGreaterThan(80)
  })

  it.each(names)('%s', async (name) => {
    const text = readFileSync(`${folder}${name}.hcl`, 'utf8')
    const golden = `${folder}${name}.txt`

    const diagnostics = await problemsOf(text)
    const source = text.replace(/^\uFEFF/, '')
    const rendered = renderDiagnostics(diagnostics, { color: false, frames: true, source })

    if (update || !existsSync(golden)) writeFileSync(golden, rendered)
    expect(diagnostics).not.toEqual([])
    expect(rendered).toBe(readFileSync(golden, 'utf8'))
    expect(messagesOf(diagnostics)).not.toContain(env.NAME)
  })
})

async function problemsOf(text: string): Promise<readonly Diagnostic[]> {
  try {
    const document = await parseHcl(text, { file: 'gateway.hcl', env, readFile })
    const problems: ConfigProblem[] = []
    document.normalise(document.config, gatewaySchema, [], (problem) => problems.push(problem))
    return diagnose(document, problems)
  } catch (error) {
    if (error instanceof HclSyntaxError) return error.problems
    throw error
  }
}

function readFile(path: string): string {
  if (path.endsWith('rate.txt')) return 'a secret\n'
  throw Object.assign(new Error(`cannot open ${path}`), { code: 'ENOENT' })
}

function messagesOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(({ message, hint = '' }) => `${message} ${hint}`).join('\n')
}
