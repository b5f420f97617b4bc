import { symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../command.ts'
import { root } from '../workspace.ts'
import { createSandbox, waitForEnd } from './sandbox.ts'

const program = 'packages/cli/src/main.ts'

describe('bin/gatewright', () => {
  it('runs the program of its checkout from anywhere, through links', async () => {
    await using sandbox = await createSandbox()
    await sandbox.write(program, `console.log(process.argv.slice(2).join(), process.cwd())`)
    await symlink('bin/gatewright', join(sandbox.folder, 'first'))
    await symlink(join(sandbox.folder, 'first'), join(sandbox.folder, 'second'))

    const child = sandbox.start(join(sandbox.folder, 'second'), ['a b', '--c'], tmpdir())

    expect(await waitForEnd(child)).toMatchObject({ code: 0, stdout: `a b,--c ${tmpdir()}\n` })
  })

  it('installs when a manifest is newer than the last installation', async () => {
    await using sandbox = await createSandbox()
    await sandbox.write(program, '')
    const start = () => waitForEnd(sandbox.start('bin/gatewright', []))
    await start()
    await start()
    expect(await sandbox.countInstalls()).toBe(1)
    await sandbox.write('packages/new/package.json', '{}')

    await start()

    expect(await sandbox.countInstalls()).toBe(2)
  })

  it.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2'] as const)(
    'becomes the program, so that %s reaches it once',
    async (signal) => {
      await using sandbox = await createSandbox()
      await sandbox.write(
        program,
        `let count = 0
         process.on('${signal}', () => { count += 1; setTimeout(() => process.exit(count), 20) })
         setInterval(() => {}, 1000)
         console.log(process.pid)`,
      )
      const child = sandbox.start('bin/gatewright', [])
      const ending = waitForEnd(child)
      child.stdout?.once('data', () => child.kill(signal))

      expect(await ending).toMatchObject({ code: 1, stdout: `${child.pid}\n` })
    },
  )
})

describe('the published command', () => {
  it('names both versions on a Node that is too old', async () => {
    const fake = 'Object.defineProperty(process.versions,"node",{value:"24.10.0"})'
    const command = join(root, 'packages/cli/bin/gatewright.js')

    const ending = run(process.execPath, ['--import', `data:text/javascript,${fake}`, command])

    await expect(ending).rejects.toMatchObject({
      output: expect.stringMatching(
        /^gatewright: needs Node 24\.11 or newer, found 24\.10\.0; .+\n$/,
      ),
    })
  })
})
