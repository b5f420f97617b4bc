import { gatewayFile, mountMiddleware, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { addPrefix } from '../src/index.ts'

describe('add-prefix', () => {
  it.each([
    { prefix: '/shop', target: '/cart?a=/b', forwarded: '/shop/cart?a=/b' },
    { prefix: '/shop/', target: '/', forwarded: '/shop/' },
    { prefix: '/a/b', target: '/c%2Fd', forwarded: '/a/b/c%2Fd' },
    { prefix: '/shop', target: '//x', forwarded: '/shop//x' },
    { prefix: '/shop', target: '/a/../b', forwarded: '/shop/a/../b' },
    { prefix: '/shop', target: '/a..b/...', forwarded: '/shop/a..b/...' },
  ])('forwards $target as $forwarded', async ({ prefix, target, forwarded }) => {
    await using mounted = await mountMiddleware(addPrefix, { prefix })

    const response = await mounted.send({ target })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.target).toBe(forwarded)
  })

  it.each([
    '/..',
    '/../admin',
    '/a/../../admin',
    '/./../admin',
    '//../admin',
    '/%2e%2E/admin',
    '/.%2e/admin',
    '/..%2fadmin',
    '/..%5cadmin',
    '/..\\admin',
    '/..;x=1/admin',
    '/.;x/../admin',
    '/a%2f..%2f../admin',
  ])('does not let %s out of the prefix', async (target) => {
    await using mounted = await mountMiddleware(addPrefix, { prefix: '/shop' })

    const response = await mounted.send({ target })

    expect(response.status).toBe(400)
    expect(response.error?.code).toBe('GW_ADD_PREFIX_UNSAFE_PATH')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('lets a path pass only if it is below the prefix however it is resolved', async () => {
    await using mounted = await mountMiddleware(addPrefix, { prefix: '/shop' })
    const segments = ['a', '..', '.', '%2e%2E', '.%2e', '', '...']
    let paths = ['']
    for (let depth = 0; depth < 4; depth++) {
      paths = paths.flatMap((path) => segments.map((segment) => `${path}/${segment}`))
    }

    const escaped: string[] = []
    for (const target of paths) {
      const { status } = await mounted.send({ target })
      const { pathname } = new URL(`http://shop.example/shop${target}`)
      if (status === 200 && !pathname.startsWith('/shop/')) escaped.push(target)
    }

    expect(escaped).toEqual([])
    const passed = new Set(mounted.upstream.requests.map(({ target }) => target))
    const harmless = paths.filter((path) => !/\.\.(?!\.)|%2e/i.test(path))
    expect(harmless.filter((path) => !passed.has(`/shop${path}`))).toEqual([])
  })

  it('leaves alone what asks for no path', async () => {
    await using mounted = await mountMiddleware(addPrefix, { prefix: '/shop' })

    await mounted.send({ method: 'OPTIONS', target: '*' })

    expect(mounted.upstream.requests[0]?.target).toBe('*')
  })

  it('changes what a service in a gateway is asked for', async () => {
    await using upstream = await startUpstream()
    const file = gatewayFile(upstream.url, 'type = "add-prefix"\n prefix = "/shop"')
    await using gateway = await startGateway(file)

    await gateway.request('/cart?a=1')

    expect(upstream.requests[0]?.target).toBe('/shop/cart?a=1')
  })
})
