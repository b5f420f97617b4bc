/**
 * The first plugin of the docs, file by file, as a reader would make it: blocks of code that begin
 * with the name of a file.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestGateway, type TestBench } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/plugins/first-plugin.md'), 'utf8')
/** On a machine with much else to do. */
const patient = ['--testTimeout', '25000']
/** Below this folder, so that packages are found. */
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, '.tutorial-'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('the first plugin', () => {
  it('answers 503 as soon as it is a file', async () => {
    await write('maintenance.ts', 0)
    await using gateway = await start('maintenance.ts')

    const response = await gateway.inject('/')

    expect(response).toMatchObject({ status: 503, text: 'We are back at noon.\n' })
    expect(page).toContain(response.text)
  })

  it('takes options, and a misspelt one is found where the page says', async () => {
    const gateway = (await block('gateway.hcl', 0)).replace(
      /middlewares "closed" \{[^}]*\}/,
      await block('block.hcl', 0),
    )
    await write('maintenance.ts', 1)
    await writeFile(join(folder, 'gateway.hcl'), gateway)
    expect(await validate()).toMatchObject({ code: 0 })

    await writeFile(join(folder, 'gateway.hcl'), gateway.replace('retry_after', 'retry_afer'))
    const { code, stderr } = await validate()

    expect(code).toBe(1)
    const told = /^gateway\.hcl:\d+:\d+: error GW_CONFIG_UNKNOWN_KEY.*$/m
    expect(stderr).toMatch(told)
    expect(told.exec(page)?.[0]).toBe(told.exec(stderr)?.[0])
  })

  it('passes the test that the page shows', async () => {
    await write('maintenance.ts', 1)
    await write('maintenance.test.ts', 0)

    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const { code, stdout, stderr } = await run([vitest, 'run', '--root', folder, ...patient])

    expect(stdout + stderr).toContain('2 passed')
    expect(code).toBe(0)
  })
})

function start(file: string): Promise<TestBench> {
  const config = 'middlewares "closed" { type = "maintenance" }'
  return createTestGateway({ plugins: [join(folder, file)], config })
}

function validate(): Promise<Ending> {
  return run([join(root, 'packages/cli/src/main.ts'), 'validate', '--config', 'gateway.hcl'])
}

interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[]): Promise<Ending> {
  const env = { ...process.env, NO_COLOR: '1', VITEST: undefined }
  const child = spawn(process.execPath, args, { cwd: folder, env, timeout: 25_000 })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

async function write(file: string, index: number): Promise<void> {
  await writeFile(join(folder, file), await block(file, index))
}

/** The block of that file; the page may show the same file several times. */
async function block(file: string, index: number): Promise<string> {
  const blocks = [...page.matchAll(/^```\w+\n(?:\/\/|#) (\S+)\n([\s\S]*?)^```$/gm)]
  const found = blocks.filter(([, name]) => name === file)[index]?.[2]
  if (found === undefined) throw new Error(`the page has no block ${index} of ${file}`)
  return found
}
