import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

describe('the example of the README', () => {
  let folder = ''
  let readme = ''

  beforeAll(async () => {
    readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    folder = await mkdtemp(join(tmpdir(), 'gatewright-'))
    const entry = new URL('../src/index.ts', import.meta.url).href
    const script = fenced(readme, 'ts').replace("'@gatewright/config-hcl'", JSON.stringify(entry))
    await writeFile(join(folder, 'example.mts'), script)
    await writeFile(join(folder, 'gateway.hcl'), fenced(readme, 'hcl'))
  })

  afterAll(async () => {
    await rm(folder, { recursive: true })
  })

  it('prints the options and their place', async () => {
    const { stdout, stderr } = await run({})

    expect(stdout).toContain("{ type: 'retry', max_retries: 3 }")
    expect(stdout).toContain('start: { line: 19, column: 17 }')
    expect(stderr.trim()).toBe('')
  })

  it('prints what is wrong', async () => {
    const { stderr } = await run({ RETRIES: 'many' })

    expect(stripVTControlCharacters(stderr).trim()).toBe(fenced(readme, 'text').trim())
  })

  async function run(env: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
    const options = { cwd: folder, env, timeout: 25_000 }
    return await promisify(execFile)(process.execPath, ['example.mts'], options)
  }
})

/** The first block of code in a language. */
function fenced(markdown: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(markdown)?.[1] ?? ''
}
