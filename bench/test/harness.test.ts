import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunResult } from '../src/report/result.ts'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const shortest = [
  '--quick',
  '--no-native',
  '--scenario',
  'A',
  '--repetitions',
  '1',
  '--seconds',
  '1',
]

// It reads processor time from /proc.
describe.runIf(process.platform === 'linux')('the harness', { timeout: 120_000 }, () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-test-'))
    await mkdir(join(folder, 'tmp'))
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('leaves a result and a page behind, and nothing else', async () => {
    const child = start('--candidate', 'gatewright,node-http', '--warm-up', '0')
    const [code] = await once(child, 'exit')

    const result = await readResult()
    expect(code).toBe(0)
    expect(result.scenarios.map(({ name }) => name)).toEqual(['A'])
    const { candidates = [] } = result.scenarios[0] ?? {}
    expect(candidates.map(({ name, status }) => ({ name, status }))).toEqual([
      { name: 'gatewright', status: 'measured' },
      { name: 'node-http', status: 'measured' },
    ])
    for (const { samples } of candidates) {
      expect(samples).toHaveLength(1)
      expect(samples[0]?.requests).toBeGreaterThan(0)
      expect(samples[0]?.cpu).toBeGreaterThan(0)
    }
    expect(await readFile(join(folder, 'performance.md'), 'utf8')).toContain('## A: GET 1 KiB')
    expect(await readFile(join(folder, 'performance/A.svg'), 'utf8')).toContain('<svg')
    await expectNothingLeft()
  })

  it('takes everything with it when it is interrupted, also twice', async () => {
    const child = start('--candidate', 'node-http', '--warm-up', '30')
    await expect.poll(processesOfTest, { timeout: 60_000 }).toContain('client.ts')
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    child.kill('SIGTERM')

    const [code] = await exited

    // Two signals that wait at once come in any order.
    expect([130, 143]).toContain(code)
    await expectNothingLeft()
  })

  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [program, ...shortest, ...args, '--output', folder], {
      stdio: 'ignore',
      // Everything that it starts inherits this, so that it can be found.
      env: { ...process.env, TMPDIR: join(folder, 'tmp') },
    })
  }

  async function readResult(): Promise<RunResult> {
    const [file = ''] = await readdir(join(folder, 'results'))
    // Written by the harness that is tested.
    return JSON.parse(await readFile(join(folder, 'results', file), 'utf8')) as RunResult
  }

  async function expectNothingLeft(): Promise<void> {
    await expect.poll(processesOfTest).toBe('')
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
  }

  /** Command lines of all processes that the harness started and itself. */
  async function processesOfTest(): Promise<string> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const lines = await Promise.all(pids.map((pid) => commandLineIfOurs(pid)))
    return lines.join('')
  }

  async function commandLineIfOurs(pid: string): Promise<string> {
    try {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
      if (!environment.includes(`TMPDIR=${folder}`)) return ''
      return `${await readFile(`/proc/${pid}/cmdline`, 'utf8')}\n`
    } catch {
      // It has ended, or belongs to somebody else.
      return ''
    }
  }
})
