import type { ReloadOutcome } from '@gatewright/kernel'
import type { TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { ask, hclOf, jsonBody, start } from './support/management.ts'

const report = {
  version: 2,
  hash: '0123456789abcdef',
  unchanged: true,
  changed: changes(),
  drained: [],
  warnings: ['"workers" needs a restart'],
  durationMs: 12,
}

describe('POST /reload', () => {
  it('comes back with what changed', async () => {
    await using gateway = await start({ reload: async () => ({ applied: true, report }) })

    const response = await ask(gateway, '/reload', jsonBody)

    expect(response.status).toBe(200)
    expect(response.json()).toEqual({
      applied: true,
      version: 2,
      hash: '0123456789abcdef',
      unchanged: true,
      changed: changes(),
      drained: [],
      warnings: ['"workers" needs a restart'],
      duration_ms: 12,
    })
    expect(gateway.logs.entries).toContainEqual(
      expect.objectContaining({
        msg: 'management action',
        actor: 'nobody in particular',
        remoteAddress: '127.0.0.1',
        path: '/api/gateway/reload',
        status: 200,
      }),
    )
  })

  it('comes back with what is wrong', async () => {
    const problem = { code: 'GW_INVALID_VALUE', message: 'expected', path: ['a', 0], line: 3 }
    const refused: ReloadOutcome = {
      applied: false,
      code: 'GW_CONFIG_INVALID',
      message: '1 problem',
      problems: [{ ...problem, file: 'gateway.hcl' }],
    }
    await using gateway = await start({ reload: async () => refused })

    const response = await ask(gateway, '/reload', jsonBody)

    expect([response.status, response.json()]).toEqual([
      422,
      {
        applied: false,
        code: 'GW_CONFIG_INVALID',
        error: '1 problem',
        problems: [{ ...problem, file: 'gateway.hcl' }],
      },
    ])
  })

  it('comes back with what changed even if that is the listener', async () => {
    const moved = Promise.withResolvers<TestGateway>()
    await using gateway = await start({
      reload: async () => {
        await (await moved.promise).reload(hclOf({ address: '127.0.0.2:0' }))
        return { applied: true, report }
      },
    })
    moved.resolve(gateway)

    const response = await ask(gateway, '/reload', jsonBody)

    expect([response.status, response.headers['connection']]).toEqual([200, 'close'])
    expect(gateway.gateway.addresses.get('management')?.address).toBe('127.0.0.2')
  })

  it('says that it goes on if its listener has to go meanwhile', async () => {
    const begun = Promise.withResolvers<void>()
    const gateway = await start({
      reload: () => {
        begun.resolve()
        return new Promise(() => undefined)
      },
    })
    const asked = ask(gateway, '/reload', jsonBody)
    await begun.promise

    await gateway.close()

    expect((await asked).status).toBe(202)
  })
})

describe('POST /validate', () => {
  it.each(['/validate', '/config/validate'])(
    'finds nothing wrong with a good one: %s',
    async (path) => {
      await using gateway = await start()

      const response = await ask(gateway, path, body(hclOf({})))

      expect([response.status, response.json()]).toEqual([200, { valid: true, problems: [] }])
    },
  )

  it('tells all that is wrong, and where', async () => {
    await using gateway = await start()
    const text = 'routers "r" {\n  rule    = "Path(`/`)"\n  service = "nope"\n}\nnonsense = 1\n'

    const response = await ask(gateway, '/validate', body(text))

    expect(response.status).toBe(422)
    expect(response.json()).toMatchObject({
      valid: false,
      problems: [
        { code: 'GW_CONFIG_KIND', hint: 'add an "entrypoints" block' },
        { code: 'GW_UNKNOWN_REFERENCE', path: ['routers', 'r', 'service'], line: 3, column: 13 },
        { path: ['nonsense'], line: 5 },
      ],
    })
    expect(gateway.gateway.snapshot.version).toBe(1)
  })

  it('tells where a text is none', async () => {
    await using gateway = await start()

    const response = await ask(gateway, '/validate', body('{{{{'))

    expect(response.status).toBe(422)
    expect(response.json()).toMatchObject({ valid: false, problems: [{ line: 1 }] })
  })

  it('tells nobody what stands in the environment or in files of the gateway', async () => {
    vi.stubEnv('TEST_SECRET', 'secret-secret-secret')
    await using gateway = await start()

    const text = 'management {\n  allowed_ips = ["${TEST_SECRET}"]\n}\n'
    const response = await ask(gateway, '/validate', body(text))
    vi.unstubAllEnvs()

    expect(response.status).toBe(422)
    expect(response.text).toContain('GW_MANAGEMENT_NETWORK')
    expect(response.text).not.toContain('secret-secret')
  })
})

function body(text: string): { method: string; headers: Record<string, string>; body: string } {
  return { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text }
}

function changes(): Applied['changed'] {
  const [entrypoints, routers, services] = [none(), none(), none()]
  const [middlewares, providers, sections] = [none(), none(), none()]
  return { entrypoints, routers, services, middlewares, providers, sections }
}

type Applied = Extract<ReloadOutcome, { readonly applied: true }>['report']

function none(): { added: string[]; removed: string[]; updated: string[] } {
  return { added: [], removed: [], updated: [] }
}
