import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '@gatewright/testing'
import { afterAll, expect, it } from 'vitest'
import plugin from './index.ts'
import { parseRoutes } from './routes.ts'

const plugins = [plugin]
const baseDir = await mkdtemp(join(tmpdir(), 'csv-provider-'))
const write = (csv: string): Promise<void> => writeFile(join(baseDir, 'routes.csv'), csv)
const config = hcl`
  providers {
    csv {
      file     = "routes.csv"
      interval = "10ms"
    }
  }
  entrypoints "web" {
    address = "127.0.0.1:0"
  }
`
afterAll(() => rm(baseDir, { recursive: true }))

it('makes a router and a service of each host', () => {
  const routes = parseRoutes('# host,server\na.test,http://10.0.0.1\na.test, http://10.0.0.2\n')

  expect(routes).toEqual({
    routers: { 'csv-a-test': { rule: 'Host(`a.test`)', service: 'csv-a-test' } },
    services: {
      'csv-a-test': {
        load_balancer: { servers: [{ url: 'http://10.0.0.1' }, { url: 'http://10.0.0.2' }] },
      },
    },
  })
})

it('routes as the file says, follows it, and goes on with what was good', async () => {
  await using one = fakeUpstream.http({ body: 'one' })
  await using other = fakeUpstream.http({ body: 'other' })
  await Promise.all([one.start(), other.start()])
  await write(`a.test,${one.url}\n`)
  await using gateway = await createTestGateway({ plugins, config, baseDir })
  const ask = async (): Promise<string> => (await gateway.fetch('http://a.test/')).text()

  const before = await ask()
  await write(`a.test,${other.url}\n`)
  await expect.poll(ask, { timeout: 20_000 }).toBe('other')
  await write('a.test\n')
  await expect
    .poll(() => JSON.stringify(gateway.logs.find({})), { timeout: 20_000 })
    .toContain('line 1: expected a host and a URL')

  expect(before).toBe('one')
  expect(await ask()).toBe('other')
})

it('starts without a file that is wrong, and names its line', async () => {
  await write('a.test,http://10.0.0.1\nb.test,nowhere\n')

  await using gateway = await createTestGateway({ plugins, config, baseDir })

  // As nobody routes anything, the test gateway has a service of its own for all requests.
  expect((await gateway.fetch('http://a.test/')).status).toBe(200)
  expect(gateway.upstream.calls).toHaveLength(1)
  expect(JSON.stringify(gateway.logs.find({}))).toContain('line 2: expected a host and a URL')
})

it('runs from its configuration', async () => {
  const file = new URL('gateway.hcl', import.meta.url)
  const fake = fakeUpstream.http({ body: 'the blog' })
  const upstreams = { 'csv-blog-example-com': fake }
  await using gateway = await createTestGateway({ config: file, upstreams })

  const response = await gateway.fetch('http://blog.example.com/')

  expect(await response.text()).toBe('the blog')
})

await write('a.test,http://10.0.0.1\n')
await runPluginContract(plugin, {
  valid: [{ file: join(baseDir, 'routes.csv'), interval: '10ms' }],
  invalid: [{}, { file: '' }],
  change: () => write('b.test,http://10.0.0.1\n'),
})
