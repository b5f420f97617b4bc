import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createSandbox, waitForEnd } from './sandbox.ts'

const bootstrap = 'scripts/bootstrap.mjs'
/** What Node before 23.11 does not have. */
const withoutExec = ['--import', 'data:text/javascript,process.execve=undefined']
const onOldNode = [
  '--import',
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})',
]

describe('bootstrap', () => {
  it('installs before the first run only', async () => {
    await using sandbox = await createSandbox()
    await sandbox.write('hello.ts', `const name: string = 'you'\nconsole.log('hello', name)`)

    const first = await sandbox.node(bootstrap, 'hello.ts')
    const second = await sandbox.node(bootstrap, 'hello.ts')

    expect(first).toMatchObject({ code: 0, stdout: 'hello you\n' })
    expect(first.stderr).toContain('installing dependencies')
    expect(second).toMatchObject({ code: 0, stdout: 'hello you\n', stderr: '' })
    expect(await sandbox.countInstalls()).toBe(1)
  })

  it.each(['pnpm-lock.yaml', 'packages/new/package.json'])(
    'installs again when %s changes',
    async (file) => {
      await using sandbox = await createSandbox()
      await sandbox.node(bootstrap, '--print-node')
      await sandbox.write(file, '{ "changed": true }')

      await sandbox.node(bootstrap, '--print-node')

      expect(await sandbox.countInstalls()).toBe(2)
    },
  )

  it('installs once for programs that start together', async () => {
    await using sandbox = await createSandbox()

    const endings = await Promise.all(
      Array.from({ length: 4 }, () => sandbox.node(bootstrap, '--print-node')),
    )

    expect(endings.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(await sandbox.countInstalls()).toBe(1)
  })

  it('takes over from an installation that died', async () => {
    await using sandbox = await createSandbox()
    const dead = sandbox.start('true', [])
    await once(dead, 'close')
    await sandbox.write('.gatewright-install.lock', String(dead.pid))

    const ending = await sandbox.node(bootstrap, '--print-node')

    expect(ending.code).toBe(0)
  })

  it('shows what a failed installation printed', async () => {
    await using sandbox = await createSandbox('echo no such package; exit 3')

    const ending = await sandbox.node(bootstrap, 'hello.ts')

    expect(ending.code).toBe(3)
    expect(ending.stderr).toContain('no such package')
    expect(ending.stderr).toContain('failed: exit code 3')
  })

  it('names both versions if there is no Node that is new enough', async () => {
    await using sandbox = await createSandbox('mkdir -p node_modules')

    const ending = await sandbox.node(...onOldNode, bootstrap, 'hello.ts')

    expect(ending.code).toBe(1)
    expect(ending.stderr).toMatch(/needs Node 24\.11 or newer, found 20\.20\.2/)
  })

  it.each([
    { way: 'by becoming it', flags: [] },
    { way: 'as its parent', flags: withoutExec },
  ])('passes arguments and exit code $way', async ({ flags }) => {
    await using sandbox = await createSandbox()
    await sandbox.write('args.js', 'console.log(process.argv.slice(2).join()); process.exit(5)')

    const ending = await sandbox.node(...flags, bootstrap, 'args.js', 'a b', '--c')

    expect(ending).toMatchObject({ code: 5, stdout: 'a b,--c\n' })
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const)('hands %s on', async (signal) => {
    await using sandbox = await createSandbox()
    await sandbox.write(
      'wait.js',
      `setInterval(() => {}, 1000)
       process.on('${signal}', () => { console.log('bye'); process.exit(7) })
       console.log('ready')`,
    )
    const child = sandbox.start('node', [...withoutExec, bootstrap, 'wait.js'])
    const ending = waitForEnd(child)
    child.stdout?.once('data', () => child.kill(signal))

    expect(await ending).toMatchObject({ code: 7, stdout: 'ready\nbye\n' })
  })

  it('ends by the signal that ended the program', async () => {
    await using sandbox = await createSandbox()
    await sandbox.write('wait.js', `setInterval(() => {}, 1000)\nconsole.log('ready')`)
    const child = sandbox.start('node', [...withoutExec, bootstrap, 'wait.js'])
    const ending = waitForEnd(child)
    child.stdout?.once('data', () => child.kill('SIGTERM'))

    expect(await ending).toMatchObject({ code: null, signal: 'SIGTERM' })
  })

  it('leaves no lock behind when it is interrupted', async () => {
    await using sandbox = await createSandbox('echo started >> installs.log; exec sleep 60')
    const child = sandbox.start('node', [bootstrap, '--print-node'])
    const ending = waitForEnd(child)
    await vi.waitFor(() => sandbox.countInstalls())

    child.kill('SIGTERM')

    expect(await ending).toMatchObject({ code: null, signal: 'SIGTERM' })
    const { stdout } = await waitForEnd(sandbox.start('ls', ['-A']))
    expect(stdout).not.toContain('.lock')
  })
})
