import {
  createTestGateway,
  fakeUpstream,
  runPluginContract,
  type TestBench,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import plugin, { canary } from './index.ts'

describe('canary-by-cookie', () => {
  it('sends clients with the cookie to the new version, and nobody else', async () => {
    await using gateway = await start()

    expect((await gateway.inject('/')).text).toBe('old')
    expect((await gateway.inject(withCookie('a=1; canary=1; b=2'))).text).toBe('new')
    expect((await gateway.inject(withCookie('canary=10'))).text).toBe('old')
    expect((await gateway.inject(withCookie('no-canary=1'))).text).toBe('old')
  })

  it('tells caches and other plugins', async () => {
    await using gateway = await start()

    const response = await gateway.inject(withCookie('canary=1'))

    expect(response.headers['vary']).toBe('cookie')
    expect(response.ctx.get(canary)).toBe(true)
  })

  it('leaves it to the rules if the new version is gone', async () => {
    const gone = { plugin, options: { routers: { shop: 'nobody' } } }
    await using gateway = await createTestGateway({ plugins: [gone] })

    expect((await gateway.inject(withCookie('canary=1'))).status).toBe(200)
  })
})

await runPluginContract(plugin, { options: { routers: { shop: 'shop-next' } } })

function start(): Promise<TestBench> {
  return createTestGateway({
    config: new URL('gateway.hcl', import.meta.url),
    upstreams: {
      shop: fakeUpstream.http({ body: 'old' }),
      'shop-next': fakeUpstream.http({ body: 'new' }),
    },
  })
}

function withCookie(cookie: string): { readonly headers: { readonly cookie: string } } {
  return { headers: { cookie } }
}
