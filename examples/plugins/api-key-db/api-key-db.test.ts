import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { notes } from '@gatewright/kernel'
import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '@gatewright/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import plugin, { owner } from './index.ts'
import { digestOf } from './key-store.ts'

const plugins = [plugin]
const baseDir = await mkdtemp(join(tmpdir(), 'api-key-db-'))
const file = join(baseDir, 'keys.sqlite')
const config = hcl`
  middlewares "tested" {
    type = "api-key-db"
    file = "keys.sqlite"
  }
`

beforeAll(() => change('CREATE TABLE keys (digest TEXT PRIMARY KEY, owner TEXT NOT NULL)'))
afterAll(() => rm(baseDir, { recursive: true }))

it('lets in who has a key, and tells whose it is', async () => {
  give('key-of-ann', 'ann')
  await using gateway = await createTestGateway({ plugins, config, baseDir })

  const response = await gateway.inject({ headers: { 'x-api-key': 'key-of-ann' } })

  expect(response.status).toBe(200)
  expect(response.ctx.get(owner)).toBe('ann')
  expect(response.ctx.get(notes)).toEqual({ owner: 'ann' })
  expect(gateway.upstream.calls[0]?.headers).not.toHaveProperty('x-api-key')
})

it.each([
  ['no key', {}, 'GW_API_KEY_DB_MISSING'],
  ['a key that nobody has', { 'x-api-key': 'guessed' }, 'GW_API_KEY_DB_UNKNOWN'],
])('refuses requests with %s', async (_, headers, code) => {
  await using gateway = await createTestGateway({ plugins, config, baseDir })

  const response = await gateway.inject({ headers })

  expect(response.status).toBe(401)
  expect(response.error?.code).toBe(code)
  expect(gateway.upstream.calls).toHaveLength(0)
})

it('knows a key for as long as it is told after it was taken back, also over a reload', async () => {
  give('key-of-bob', 'bob')
  const clock = 'fake'
  await using gateway = await createTestGateway({ plugins, config, baseDir, clock })
  const ask = async (): Promise<number> =>
    (await gateway.inject({ headers: { 'x-api-key': 'key-of-bob' } })).status

  const before = await ask()
  change("DELETE FROM keys WHERE owner = 'bob'")
  await gateway.reload()
  const kept = await ask()
  await gateway.clock.advance('11s')

  expect([before, kept, await ask()]).toEqual([200, 200, 401])
})

it('lets nobody in while the database does not answer', async () => {
  await using gateway = await createTestGateway({ plugins, config, baseDir })

  change('ALTER TABLE keys RENAME TO lost')
  const response = await gateway.inject({ headers: { 'x-api-key': 'key-of-ann' } })
  change('ALTER TABLE lost RENAME TO keys')

  expect(response.status).toBe(503)
  expect(response.error?.code).toBe('GW_API_KEY_DB_FAILED')
  expect(gateway.upstream.calls).toHaveLength(0)
})

it('refuses a configuration whose database is none', async () => {
  await writeFile(join(baseDir, 'other.sqlite'), 'not a database, but long enough to be looked at')

  const starting = createTestGateway({
    plugins,
    config: { middlewares: { tested: { type: 'api-key-db', file: 'other.sqlite' } } },
    baseDir,
  })

  await expect(starting).rejects.toThrow(/other\.sqlite: file is not a database/)
})

it('runs from its configuration', async () => {
  give('key-of-eve', 'eve')
  const app = fakeUpstream.http({ body: 'from the server' })
  await using gateway = await createTestGateway({
    config: new URL('gateway.hcl', import.meta.url),
    env: { KEYS: file },
    upstreams: { app },
  })

  const response = await gateway.fetch('/', { headers: { 'x-api-key': 'key-of-eve' } })

  expect(await response.text()).toBe('from the server')
})

await runPluginContract(plugin, {
  valid: [{ file }, { file, cache: '1m' }],
  invalid: [{}, { file: '' }],
  rejected: [{}],
})

function give(key: string, name: string): void {
  change(`INSERT INTO keys VALUES ('${digestOf(key)}', '${name}')`)
}

function change(sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}
