import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CheckFailed, run } from '../command.ts'
import { root } from '../workspace.ts'

describe('summary reporter', () => {
  it('counts tests, and what fails outside of them', async () => {
    const { ending, lastLine } = await runVitest({
      'tests.test.js': `import { beforeAll, describe, expect, it } from 'vitest'
        it('passes', () => {})
        it.skip('is skipped', () => {})
        it.todo('is to do')
        it('fails', () => expect(1).toBe(2))
        describe('a suite', () => {
          beforeAll(() => { throw new Error('before') })
          it('is never reached', () => {})
        })`,
      'broken.test.js': `import './missing.js'`,
    })

    expect(ending).toBeInstanceOf(CheckFailed)
    expect(lastLine).toBe('1 passed, 3 failed, 3 skipped')
  })

  it('counts an error that no test caught', async () => {
    const { ending, lastLine } = await runVitest({
      'tests.test.js': `import { it } from 'vitest'
        it('passes', () => void Promise.reject(new Error('lost')))`,
    })

    expect(ending).toBeInstanceOf(CheckFailed)
    expect(lastLine).toBe('1 passed, 1 failed, 0 skipped')
  })

  it('is content if all is well', async () => {
    const { ending, lastLine } = await runVitest({
      'tests.test.js': `import { it } from 'vitest'\nit('passes', () => {})`,
    })

    expect(ending).toBeTypeOf('string')
    expect(lastLine).toBe('1 passed, 0 failed, 0 skipped')
  })
})

async function runVitest(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-reporter-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const reporter = join(root, 'scripts/summary-reporter.ts')
    const args = [vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`]
    const ending = await run(process.execPath, args).catch((error: unknown) => error)
    const output = ending instanceof CheckFailed ? ending.output : String(ending)
    return { ending, lastLine: output.trimEnd().split('\n').at(-1) }
  } finally {
    await rm(folder, { recursive: true })
  }
}
