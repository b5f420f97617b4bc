import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createFolder, runCli } from '../cli.ts'

const entrypoint = 'entrypoints "web" {\n  address = "127.0.0.1:0"\n}\n'

describe('a configuration for several workers', () => {
  it('is valid, and shown as it is', async () => {
    const text = `workers = "auto"\nworker_timeout = "30s"\n${entrypoint}`
    await using folder = await createFolder({ 'gateway.hcl': text })

    const valid = await runCli(['validate', '--json'], { cwd: folder.path })
    const shown = await runCli(['config', 'json'], { cwd: folder.path })

    expect(valid).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(JSON.parse(shown.stdout)).toMatchObject({ workers: 'auto', worker_timeout: '30s' })
  })

  it.each([
    { text: 'workers = 0', column: 11, message: 'must be >= 1, found 0' },
    {
      text: 'workers = "many"',
      column: 11,
      message: 'expected an integer above 0 or "auto", found "many"',
    },
    { text: 'workers = 2.5', column: 11, message: 'expected an integer or a string, found 2.5' },
    {
      text: 'worker_timeout = "soon"',
      column: 18,
      message: 'expected a duration such as "10s", found "soon"',
    },
  ])('is refused with its place: $text', async ({ text, column, message }) => {
    await using folder = await createFolder({ 'gateway.hcl': `${text}\n${entrypoint}` })

    const { code, stdout } = await runCli(['validate', '--json'], { cwd: folder.path })

    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([{ line: 1, column, message }])
  })

  it('is refused if something in it works in one process only', async () => {
    const service = `services "app" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9001" }]
    sticky {
      cookie = "server"
      mode   = "table"
    }
  }
}
`
    await using folder = await createFolder({
      'gateway.hcl': `workers = 2\n${entrypoint}${service}`,
      'one.hcl': `workers = 1\n${entrypoint}${service}`,
    })

    const { code, stdout } = await runCli(['validate', '--json'], { cwd: folder.path })
    const one = await runCli(['validate', '-c', 'one.hcl'], { cwd: folder.path })

    expect([code, one.code]).toEqual([1, 0])
    expect(JSON.parse(stdout)).toMatchObject([{ code: 'GW_STICKY_SEVERAL_PROCESSES', line: 10 }])
  })

  it('may take its number from the environment', async () => {
    const text = `workers = env("COUNT")\n${entrypoint}`
    await using folder = await createFolder({ 'gateway.hcl': text })
    const env = { COUNT: '3' }

    expect(await runCli(['validate'], { cwd: folder.path, env })).toMatchObject({ code: 0 })
  })

  it('ends the command with one message if the workers refuse it', async () => {
    const text = `workers = 3\nnonsense = 1\n${entrypoint}`
    await using folder = await createFolder({ 'gateway.hcl': text })

    const { code, stderr } = await runCli([], { cwd: folder.path })

    expect(code).toBe(1)
    expect(stderr.match(/GW_CONFIG_UNKNOWN_KEY/g)).toHaveLength(1)
    expect(stderr.match(/Validation error/g)).toHaveLength(1)
  })

  it('ends the command with 3 if the address is taken', async () => {
    await using taken = await listen()
    const text = `workers = 2\n${entrypoint.replace(':0', `:${taken.port}`)}`
    await using folder = await createFolder({ 'gateway.hcl': text })

    const { code, stderr } = await runCli([], { cwd: folder.path })

    expect(code).toBe(3)
    expect(stderr.match(/the address is in use/g)).toHaveLength(1)
  })
})

async function listen(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, [Symbol.asyncDispose]: async () => void server.close() }
}
