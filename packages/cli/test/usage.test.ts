import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readVersion } from '../src/version.ts'
import { createFolder, runCli } from './cli.ts'

describe('gatewright', () => {
  it('tells its version without loading the kernel', async () => {
    await using folder = await createFolder()

    const ending = await runCli(['--version'], { env: { NODE_V8_COVERAGE: folder.path } })

    expect(ending).toMatchObject({ code: 0, stdout: `gatewright ${readVersion()}\n`, stderr: '' })
    const loaded = await readLoaded(folder.path)
    expect(loaded).toContain('/packages/cli/src/main.ts')
    expect(loaded).not.toContain('/kernel/src/')
  })

  it('explains itself with examples and exit codes', async () => {
    const { code, stdout } = await runCli(['--help'])

    expect(code).toBe(0)
    for (const text of ['--listen <addr>', 'validate|check', 'Examples:', 'Exit codes:']) {
      expect(stdout).toContain(text)
    }
  })

  it.each([
    { args: ['validat'], says: "unknown command 'validat'\n(Did you mean validate?)" },
    { args: ['config', 'router'], says: "unknown command 'router'\n(Did you mean routes?)" },
    { args: ['--lisen', ':80'], says: "unknown option '--lisen'\n(Did you mean --listen?)" },
    { args: ['validate', '--jsn'], says: "unknown option '--jsn'\n(Did you mean --json?)" },
    { args: ['--listen', '8080'], says: 'expected "host:port", "[v6]:port" or ":port"' },
    { args: ['--listen', '127.0.0.1:65536'], says: 'found "127.0.0.1:65536"' },
    { args: ['--log-level', 'wran'], says: 'found "wran"\n(Did you mean warn?)' },
    { args: ['--listen', ':80', 'validate'], says: "option '--listen' is for starting only" },
    { args: ['validate', '--format', 'xml'], says: 'expected text or json, found "xml"' },
    { args: ['--config'], says: "option '-c, --config <file>' argument missing" },
    { args: ['start', 'now'], says: 'too many arguments' },
    { args: ['config'], says: 'Usage: gatewright config' },
  ])('refuses $args with 2 and says what it expects', async ({ args, says }) => {
    const { code, stdout, stderr } = await runCli(args)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
  })

  it.each([
    { env: { GATEWRIGHT_LOG: 'loud' }, says: "variable 'GATEWRIGHT_LOG': expected one of trace" },
    { env: { GATEWRIGHT_IO: 'fats' }, says: "variable 'GATEWRIGHT_IO': expected one of auto" },
  ])('refuses $env with 2 and says what it expects', async ({ env, says }) => {
    const { code, stderr } = await runCli([], { env })

    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })
})

/** Which files V8 had code of. */
async function readLoaded(folder: string): Promise<string> {
  const files = await readdir(folder)
  const reports = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return reports.join('\n')
}
