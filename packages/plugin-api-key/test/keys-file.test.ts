import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consumerKey } from '@gatewright/identity'
import { mountMiddleware } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiKey } from '../src/index.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-keys-'))
  path = join(folder, 'keys')
})

afterEach(() => rm(folder, { recursive: true }))

describe('a file of keys', () => {
  it('names keys and their consumers', async () => {
    await writeFile(path, '# partners\n\none acme-corp\r\n  two\tother  \nthree\n')
    await using mounted = await mountMiddleware(apiKey, { keys: ['zero'], keys_file: path })
    const nameOf = async (key: string): Promise<string | undefined> => {
      const response = await mounted.send({ headers: { 'x-api-key': key } })
      return response.ctx.get(consumerKey)?.name
    }

    expect(await nameOf('one')).toBe('acme-corp')
    expect(await nameOf('two')).toBe('other')
    expect(await nameOf('three')).toMatch(/^key-/)
    expect(await nameOf('zero')).toMatch(/^key-/)
    expect(await nameOf('# partners')).toBeUndefined()
  })

  it('is obeyed when it changes, and keeps its keys when it breaks', async () => {
    await writeFile(path, 'one acme')
    await using mounted = await mountMiddleware(apiKey, { keys_file: path })
    const status = async (key: string): Promise<number> =>
      (await mounted.send({ headers: { 'x-api-key': key } })).status
    expect(await status('one')).toBe(200)

    await writeFile(path, 'two acme')
    await vi.waitFor(async () => expect(await status('two')).toBe(200), 20_000)
    expect(await status('one')).toBe(401)

    await writeFile(path, 'sha256:hidden-three acme')
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'error' })).toHaveLength(1), 20_000)
    expect(await status('two')).toBe(200)
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('hidden-three')
  })

  it.each([
    { text: 'Dear team, the keys moved to the vault.\n', line: 1 },
    { text: 'a-good-key-of-acme acme\nsee below\n\nthe wiki page\n', line: 4 },
    { text: 'a-good-key-of-acme acme # since May\n', line: 1 },
    { text: '\nDear team,\n', line: 2 },
    { text: '{"keys": "x"}\n', line: 1 },
  ])('is refused as prose, by its line: $text', async ({ text, line }) => {
    await writeFile(path, text)

    await expect(mountMiddleware(apiKey, { keys_file: path })).rejects.toThrow(
      `line ${line}: expected`,
    )
  })

  it('keeps its keys when somebody puts a letter in its place', async () => {
    await writeFile(path, 'a-good-key-of-acme acme')
    await using mounted = await mountMiddleware(apiKey, { keys_file: path })
    const status = async (key: string): Promise<number> =>
      (await mounted.send({ headers: { 'x-api-key': key } })).status

    await writeFile(path, 'Dear team, the keys moved\nsee the vault\n')
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'error' })).toHaveLength(1), 20_000)

    expect([await status('a-good-key-of-acme'), await status('Dear')]).toEqual([200, 401])
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('Dear')
  })

  it('causes one warning if it has keys that can be guessed, and shows none of them', async () => {
    await writeFile(path, 'opensesame acme\nfifteen-letters other\nsixteen-letters- third\n')
    await using mounted = await mountMiddleware(apiKey, { keys_file: path, keys: ['hunter2'] })

    const warnings = mounted.logs.find({ level: 'warn' })

    expect(warnings).toMatchObject([
      { msg: 'keys are short enough to be guessed', keys: 3, expected: 16 },
    ])
    expect(JSON.stringify(mounted.logs.entries)).not.toMatch(/sesame|letters|hunter2/)
  })

  it('causes no warning if its keys are long, or their digests', async () => {
    await writeFile(path, `3f9a0c1d5b7e4a62 acme\nsha256:${'0'.repeat(64)} other\n`)
    await using mounted = await mountMiddleware(apiKey, { keys_file: path })

    expect(mounted.logs.find({ level: 'warn' })).toEqual([])
  })

  it.each(['', '# none\n', 'same a\nsame b\n', 'sha256:xyz a\n'])(
    'is refused with the content %j',
    async (content) => {
      await writeFile(path, content)

      await expect(mountMiddleware(apiKey, { keys_file: path })).rejects.toMatchObject({
        code: 'GW_INVALID_OPTIONS',
      })
    },
  )
})
