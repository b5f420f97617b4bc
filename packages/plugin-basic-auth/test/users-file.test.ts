import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { mountMiddleware } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { basicAuth } from '../src/index.ts'
import { authorization, cyd } from './logins.ts'

/** Made by `htpasswd` of Apache 2.4, with `-B`, `-m` and `-s`. */
const real = join(import.meta.dirname, 'fixtures', 'htpasswd')

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-users-'))
  path = join(folder, 'htpasswd')
})

afterEach(() => rm(folder, { recursive: true }))

describe('a file of users', () => {
  it.each(['bea', 'ann', 'sam'])('that htpasswd made lets %s pass', async (name) => {
    await using mounted = await mountMiddleware(basicAuth, { users_file: real })

    const right = await mounted.send({ headers: { authorization: authorization(name) } })
    const wrong = await mounted.send({ headers: { authorization: authorization(name, 'x') } })

    expect([right.status, wrong.status]).toEqual([200, 401])
  })

  it('is obeyed when it changes, and keeps its users when it breaks', async () => {
    await copyFile(real, path)
    await using mounted = await mountMiddleware(basicAuth, { users_file: path, max_failures: 0 })
    const status = async (name: string, secret?: string): Promise<number> =>
      (await mounted.send({ headers: { authorization: authorization(name, secret) } })).status
    expect(await status('bea')).toBe(200)

    const lines = (await readFile(real, 'utf8')).split('\n')
    const others = lines.filter((line) => !line.startsWith('bea:'))
    await writeFile(path, [`# staff`, cyd, ...others].join('\r\n'))
    await vi.waitFor(async () => expect(await status('cyd', 'password')).toBe(200), 20_000)
    expect(await status('bea')).toBe(401)

    await writeFile(path, 'ann:hidden-secret\n')
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'error' })).toHaveLength(1), 20_000)
    expect(await status('ann')).toBe(200)
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('hidden-secret')
  })

  it('does not show a line whose name and password are the wrong way round', async () => {
    await writeFile(path, '# staff\nhidden-secret:ann\n')

    const refusal = await mountMiddleware(basicAuth, { users_file: path }).catch((e: unknown) => e)

    expect(inspect(refusal, { depth: 10 })).toContain('line 2: not a hash')
    expect(inspect(refusal, { depth: 10 })).not.toContain('hidden-secret')
  })

  it.each(['', '# nobody\n', 'ann\n', 'ann:x\n'])(
    'is refused with the content %j',
    async (text) => {
      await writeFile(path, text)

      await expect(mountMiddleware(basicAuth, { users_file: path })).rejects.toMatchObject({
        code: 'GW_INVALID_OPTIONS',
      })
    },
  )
})
