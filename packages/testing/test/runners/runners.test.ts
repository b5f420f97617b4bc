import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const withoutVitest = fileURLToPath(new URL('without-vitest.ts', import.meta.url))

interface Outcome {
  readonly code: number
  readonly printed: string
}

describe('the kit, where vitest is not installed,', { timeout: 120_000 }, () => {
  it('runs in a plain script, which ends by itself', async () => {
    await expect(run(['script.ts'])).resolves.toEqual({ code: 0, printed: '200 3\n' })
  })

  it('runs tests and the contract in node:test', async () => {
    const { code, printed } = await run(['--test-reporter=tap', 'node-runner.ts'])

    expect(printed).toContain('ok 1 - answers')
    expect(printed).toContain('# Subtest: plugin gatewright-plugin-quota')
    expect(printed).toContain('- leaves nothing behind after 50 starts and stops')
    expect(printed).toMatch(/^# fail 0$/m)
    expect(code).toBe(0)
  })

  it('fails in node:test if the contract is broken', async () => {
    const { code, printed } = await run([
      '--test-reporter=tap',
      '--test-name-pattern=plugins',
      'node-runner.ts',
      '--broken',
    ])

    expect(code).toBe(1)
    expect(printed).toMatch(/^ *not ok \d+ - has a name as plugins have$/m)
  })
})

function run([...args]: readonly string[]): Promise<Outcome> {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', withoutVitest, ...args],
      { cwd, timeout: 100_000, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), printed: `${stdout}${stderr}` }),
    )
  })
}
