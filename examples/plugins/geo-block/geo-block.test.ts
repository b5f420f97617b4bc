import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { notes } from '@gatewright/kernel'
import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin, { country } from './index.ts'

const plugins = [plugin]
const config = hcl`
  middlewares "tested" {
    type = "geo-block"
    file = "countries.csv"
    deny = ["DK"]
  }
`

it('refuses the countries that it is told, and does not ask the service', async () => {
  await using gateway = await createTestGateway({
    plugins,
    config,
    baseDir: import.meta.dirname,
  })

  const response = await gateway.inject({ remote: '192.0.2.7' })

  expect(response.status).toBe(403)
  expect(response.error?.code).toBe('GW_GEO_BLOCK_COUNTRY')
  expect(response.json()).toMatchObject({ detail: 'requests from DK are not served' })
  expect(gateway.upstream.calls).toHaveLength(0)
})

it.each([
  ['198.51.100.7', 'SE'],
  ['2001:db8:8000::1', 'SE'],
  ['::ffff:198.51.100.7', 'SE'],
  ['203.0.113.9', 'ZZ'],
])('lets %s pass, and tells that it is in %s', async (remote, code) => {
  await using gateway = await createTestGateway({
    plugins,
    config,
    baseDir: import.meta.dirname,
  })

  const response = await gateway.inject({ remote })

  expect(response.status).toBe(200)
  expect(response.ctx.get(country)).toBe(code)
  expect(response.ctx.get(notes)).toEqual({ country: code })
})

it('follows the file', async () => {
  await using folder = await folderWith('192.0.2.0/24,SE\n')
  await using gateway = await createTestGateway({ plugins, config, baseDir: folder.path })
  const ask = async (): Promise<number> => (await gateway.inject({ remote: '192.0.2.7' })).status

  const before = await ask()
  await folder.write('192.0.2.0/24,DK\n')

  expect(before).toBe(200)
  await expect.poll(ask, { timeout: 20_000 }).toBe(403)
})

it('is refused with the line of the file that is wrong', async () => {
  await using folder = await folderWith('192.0.2.0/24,SE\n192.0.2.0/99,DK\n')

  const starting = createTestGateway({ plugins, config, baseDir: folder.path })

  await expect(starting).rejects.toThrow(/line 2: expected a network and a country/)
})

it('runs from its configuration', async () => {
  const app = fakeUpstream.http({ body: 'from the server' })
  const file = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config: file, upstreams: { app } })

  const response = await gateway.fetch('/')

  expect(await response.text()).toBe('from the server')
})

await runPluginContract(plugin, {
  valid: [{ file: join(import.meta.dirname, 'countries.csv'), deny: ['DK'] }],
  invalid: [{}, { file: 'countries.csv', deny: ['Denmark'] }],
})

/** A temporary folder with a `countries.csv`. */
async function folderWith(
  csv: string,
): Promise<AsyncDisposable & { path: string; write: (csv: string) => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'geo-block-'))
  const write = (content: string): Promise<void> => writeFile(join(path, 'countries.csv'), content)
  await write(csv)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
