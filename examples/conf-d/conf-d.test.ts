import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

describe('the configuration of many files', () => {
  it('does what it tells its user to try', async () => {
    await using example = await startExample()
    const { get, line, path } = example
    const shop = await readFile(join(path, 'conf.d/shop.hcl'), 'utf8')
    const store = join(path, 'conf.d/store.hcl')
    const atFirst = [await get('/shop'), await get('/blog'), await get('/store')]

    await writeFile(store, shop.replace('shop', 'store'))
    const refusal = await line('a part of the configuration is left out')
    const meanwhile = [await get('/shop'), await get('/store')]
    await writeFile(store, shop.replaceAll('shop', 'store'))
    await line('configuration reloaded')
    const put = await get('/store')
    await rm(store)
    await line('configuration reloaded')
    const removed = await get('/store')

    expect(atFirst).toEqual(['200 shop', '200 blog', expect.stringMatching(/^404/)])
    expect(refusal).toContain('defined by conf.d/shop.hcl and by conf.d/store.hcl')
    expect(meanwhile).toEqual(['200 shop', expect.stringMatching(/^404/)])
    expect(put).toBe('200 shop')
    expect(removed).toMatch(/^404/)
  })
})

interface Example extends AsyncDisposable {
  readonly path: string
  /** Status and body. */
  readonly get: (path: string) => Promise<string>
  /** The next line of the log with that message. */
  readonly line: (message: string) => Promise<string>
}

/** Runs a copy of the example, whose files may be changed. */
async function startExample(): Promise<Example> {
  await using starting = new AsyncDisposableStack()
  const path = await mkdtemp(join(tmpdir(), 'gatewright-conf-d-'))
  starting.defer(() => rm(path, { recursive: true }))
  for (const name of ['gateway.hcl', 'conf.d']) {
    await cp(new URL(name, import.meta.url), join(path, name), { recursive: true })
  }
  const [shop, blog] = [await startServer('shop'), await startServer('blog')]
  starting.defer(() => [shop, blog].forEach((server) => server.close()))
  const child = spawn(process.execPath, [command, '--json', '--listen', '127.0.0.1:0'], {
    cwd: path,
    env: { ...process.env, SHOP: urlOf(shop), BLOG: urlOf(blog) },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 25_000,
  })
  starting.defer(async () => {
    child.kill('SIGTERM')
    await once(child, 'close')
  })
  const lines = on(createInterface({ input: child.stdout }), 'line', { close: ['close'] })
  const line = async (message: string): Promise<string> => {
    for (;;) {
      const { done, value } = await lines.next()
      if (done === true) throw new Error(`the gateway ended without "${message}"`)
      const text = String(value)
      if (text.includes(`"msg":"${message}"`)) return text
    }
  }
  const address = /"address":"(?<address>[^"]+)"/.exec(await line('listening'))?.groups?.['address']
  await line('ready')
  const resources = starting.move()
  return {
    path,
    line,
    get: async (target) => {
      const response = await fetch(`http://${address}${target}`, {
        headers: { connection: 'close' },
      })
      return `${response.status} ${await response.text()}`
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function startServer(name: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(name))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  // Bound to a TCP port, so it has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
