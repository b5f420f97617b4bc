import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, note } from '@gatewright/kernel'
import { poolFile, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { accessLogOf } from '../src/index.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-notes-'))
})
afterEach(() => rm(folder, { recursive: true }))

const noting = definePlugin({
  name: 'noting',
  setup({ hooks }) {
    hooks.request.tap('noting', (ctx) => {
      note(ctx, 'status', 'mine')
      note(ctx, 'user', 'nobody')
      note(ctx, 'country', 'DK')
      return undefined
    })
  },
})

it.each(['', 'fields = ["status", "user", "country"]', 'drop = ["path"]'])(
  'keeps its own fields from notes, and warns of them once: %s',
  async (options) => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, options)

    await gateway.request('/')
    await gateway.request('/')

    for (const text of await written(gateway, 2)) {
      const line: unknown = JSON.parse(text)
      expect(line).toMatchObject({ status: 200, country: 'DK' })
      expect(line).not.toMatchObject({ user: 'nobody' })
    }
    expect(gateway.logs.find({ msg: /its note is left out/ })).toMatchObject([
      { level: 'warn', field: 'status' },
      { level: 'warn', field: 'user' },
    ])
  },
)

it.each(['common', 'combined'])('keeps notes out of lines of the format %s', async (format) => {
  await using upstream = await startUpstream()
  await using gateway = await start(upstream.url, `format = "${format}"`)

  await gateway.request('/')

  const [line] = await written(gateway, 1)
  expect(line).toMatch(/^127\.0\.0\.1 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 /)
  expect(line).not.toMatch(/mine|nobody|DK/)
})

function start(url: string, options: string): Promise<TestGateway> {
  const blocks = `access_log {\n output = "access.log"\n ${options}\n }`
  return startGateway(poolFile([url], { blocks }), { baseDir: folder, plugins: [noting] })
}

async function written({ gateway }: TestGateway, count: number): Promise<string[]> {
  return vi.waitFor(async () => {
    accessLogOf(gateway)?.flush()
    const told = (await readFile(join(folder, 'access.log'), 'utf8')).split('\n').slice(0, -1)
    expect(told).toHaveLength(count)
    return told
  })
}
