/** The plugins that pages for authors show beside templates, each as a file of its own. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { notes } from '@gatewright/kernel'
import {
  contractChecks,
  createTestGateway,
  deadUrl,
  fakeUpstream,
  hang,
  hcl,
  reply,
  startUpstream,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['toolbox', 'kinds'].map((name) =>
  readFileSync(join(root, `docs/plugins/${name}.md`), 'utf8'),
)
/** Below this folder, so that packages are found. */
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, '.toolbox-'))
  for (const [, name = '', code = ''] of pages
    .join('')
    .matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)) {
    await writeFile(join(folder, name), code)
  }
})

afterAll(() => rm(folder, { recursive: true }))

describe('the toolbox', () => {
  it('leaves a value for other plugins and a note for the log', async () => {
    const { country, default: found } = await import(join(folder, 'country.ts'))
    const config = 'middlewares "where" { type = "country" }'
    await using gateway = await createTestGateway({ plugins: [found], config })

    const { ctx } = await gateway.inject({ remote: '192.0.2.7' })

    expect(ctx.get(country)).toBe('abroad')
    expect(ctx.get(notes)).toEqual({ geo_country: 'abroad' })
  })

  it('refuses requests and options with errors of its own', async () => {
    const file = plugin('maze.ts')
    const config = 'middlewares "maze" { \n type = "maze" \n walls = ["/a"] \n }'
    await using gateway = await createTestGateway({ ...file, config })

    const response = await gateway.inject('/a')

    expect(response.status).toBe(403)
    expect(response.headers['retry-after']).toBe('60')
    expect(response.json()).toMatchObject({
      code: 'GW_MAZE_LOST',
      detail: '"/a" is a dead end',
      turns: 7,
    })
    const wrong = config.replace('}', 'exits = ["/b", "/a"] \n }')
    await expect(gateway.reload(wrong)).rejects.toMatchObject({
      problems: [{ code: 'GW_MAZE_EXIT', path: ['middlewares', 'maze', 'exits', 1] }],
    })
  })

  it('counts', async () => {
    await using gateway = await createTestGateway(plugin('visits.ts'))

    await gateway.inject()
    await gateway.inject()

    expect(await gateway.metrics.get('gateway_visits_total')).toBe(2)
  })

  it('asks from time to time, and keeps what it knows over a reload', async () => {
    await using prices = await startUpstream([reply(200, {}, '1.20\n'), hang()])
    const config = `middlewares "price" { \n type = "prices" \n url = "${prices.url}" \n }`
    await using gateway = await createTestGateway({ ...plugin('prices.ts'), config })
    const price = async () => (await gateway.inject()).headers['x-price']

    await expect.poll(price).toBe('1.20')
    await gateway.reload()

    expect(await price()).toBe('1.20')
  })

  it('tells once for all workers', async () => {
    await using gateway = await createTestGateway({
      ...plugin('busy.ts'),
      clock: 'fake',
      config: 'middlewares "busy" { type = "busy" }',
    })

    await gateway.inject()
    await gateway.inject()
    await gateway.clock.advance('1m')

    expect(gateway.logs.find({ msg: /so far/ })).toMatchObject([{ requests: 2, workers: 1 }])
  })

  it('bounds and changes bodies', async () => {
    const upstream = fakeUpstream.memory({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: 'hello',
    })
    await using gateway = await createTestGateway({
      ...plugin('shout.ts'),
      config: 'middlewares "shout" { type = "shout" }',
      upstreams: { upstream },
    })

    expect((await gateway.inject()).text).toBe('HELLO')
    const large = await gateway.inject({ method: 'POST', body: 'x'.repeat(1025) })
    expect(large.error?.code).toBe('GW_BODY_TOO_LARGE')
  })
})

describe('the guides', () => {
  it('have a section whose options change with a reload', async () => {
    const file = plugin('client-versions.ts')
    await using gateway = await createTestGateway(file)
    const request = { headers: { 'x-client-version': '3' } }

    expect((await gateway.inject(request)).status).toBe(200)
    await gateway.reload(clientVersions(4))
    expect((await gateway.inject(request)).status).toBe(426)
    await gateway.reload(clientVersions(3))
    expect((await gateway.inject(request)).status).toBe(200)
  })

  it('have a transport', async () => {
    const server = createServer((socket) =>
      socket.once('data', (line) => socket.end(`of ${String(line)}`)),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    // It listens on TCP.
    const { port } = server.address() as AddressInfo
    const dead = (await deadUrl()).replace('http', 'line')
    await using gateway = await createTestGateway({
      ...plugin('line-transport.ts'),
      config: service(`line://127.0.0.1:${port}`),
    })

    expect((await gateway.inject('/users')).text).toBe('of /users\n')
    await gateway.reload(service(dead))
    const { status, error } = await gateway.inject('/users')
    expect([status, error?.code]).toEqual([502, 'GW_UPSTREAM_CONNECT'])
    server.close()
  })

  it('have a package with several kinds', async () => {
    const { default: beta } = await import(join(folder, 'beta.ts'))
    const upstreams = { old: fakeUpstream.memory(), new: fakeUpstream.memory() }
    const config = hcl`
      beta_header = "X-Beta"
      routers "old" {
        rule    = "PathPrefix(\`/\`)"
        service = "old"
      }
      routers "new" {
        rule     = "PathPrefix(\`/\`) && Beta()"
        service  = "new"
        priority = 100
      }
    `
    await using gateway = await createTestGateway({ plugins: [beta], config, upstreams })

    expect((await gateway.inject('/')).headers['x-router']).toBe('old')
    const taking = await gateway.inject({ url: '/', headers: { 'x-beta': '1' } })
    expect(taking.headers['x-router']).toBe('new')
    const packageJson = JSON.parse(/```json\n([\s\S]*?)```/.exec(pages.join(''))?.[1] ?? '')
    const groups = await contractChecks(beta, {
      packageJson,
      components: {
        beta_header: { valid: ['x-beta'], invalid: [1] },
        Beta: { valid: [[]], invalid: [['x']] },
      },
    })
    const checks = groups.flatMap((group) => group.checks)
    const cases = checks.filter(({ name }) => /package.json what|accepts|refuses/.test(name))
    expect(cases.length).toBeGreaterThan(3)
    for (const { run } of cases) await run()
  })
})

function clientVersions(minimum: number): string {
  return `client_versions {\n minimum = ${minimum}\n }`
}

function service(url: string): string {
  return hcl`
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "lines"
    }
    services "lines" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

function plugin(file: string): { plugins: [string] } {
  return { plugins: [join(folder, file)] }
}
