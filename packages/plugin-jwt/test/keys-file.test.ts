import { randomBytes } from 'node:crypto'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { mountMiddleware, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { jwt } from '../src/index.ts'

const good = JSON.stringify({ keys: [{ kty: 'oct', k: randomBytes(32).toString('base64url') }] })

/** Key sets with a slip, which Node's own messages quote. */
const broken = [
  { text: '{"keys":[{"kty":"oct","k":SUPERSECRET}]}', where: 'expected JSON' },
  { text: '{"keys":[{"kty":"oct",\n  SUPERSECRET}]}', where: 'line 2, column 3' },
  { text: 'SUPERSECRET', where: 'expected JSON' },
]

describe('a key set that is no JSON', () => {
  it.each(broken)('is refused without being quoted: $text', async ({ text, where }) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-jwt-'))
    const path = join(folder.path, 'jwks.json')
    await writeFile(path, text)

    const refusal = await mountMiddleware(jwt, { jwks_file: path }).catch((e: unknown) => e)

    const shown = inspect(refusal, { depth: 10 })
    expect(shown).toContain(where)
    expect(shown).not.toContain('SUPER')
  })

  it.each(broken)('gets into no log when a file becomes it: $text', async ({ text, where }) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-jwt-'))
    const path = join(folder.path, 'jwks.json')
    await writeFile(path, good)
    await using mounted = await mountMiddleware(jwt, { jwks_file: path })

    await writeFile(path, text)
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'error' })).toHaveLength(1), 20_000)

    expect(JSON.stringify(mounted.logs.entries)).toContain(where)
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('SUPER')
  })

  it.each(broken)('gets into no log when a server sends it: $text', async ({ text, where }) => {
    await using keyServer = await startUpstream(() => reply(200, {}, text))
    await using mounted = await mountMiddleware(jwt, { jwks_url: keyServer.url })

    await vi.waitFor(() => expect(mounted.logs.find({ level: 'warn' })).toHaveLength(1))

    expect(JSON.stringify(mounted.logs.entries)).toContain(where)
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('SUPER')
  })
})
