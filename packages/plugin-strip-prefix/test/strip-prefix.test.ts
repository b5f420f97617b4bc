import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { stripPrefix } from '../src/index.ts'

describe('strip-prefix', () => {
  it.each([
    { prefixes: ['/api/v1'], target: '/api/v1/users', forwarded: '/users' },
    { prefixes: ['/api'], target: '/api', forwarded: '/' },
    { prefixes: ['/api'], target: '/other/path', forwarded: '/other/path' },
    { prefixes: ['/api'], target: '/api/users?page=1', forwarded: '/users?page=1' },
    { prefixes: ['/api'], target: '/api?page=1', forwarded: '/?page=1' },
    { prefixes: ['/api', '/api/v1'], target: '/api/v1/users', forwarded: '/v1/users' },
    { prefixes: ['/api'], target: '/apifoo', forwarded: '/foo' },
    { prefixes: ['/api/'], target: '/api/x', forwarded: '/x' },
    { prefixes: ['/api'], target: '/api/a%2Fb%20c', forwarded: '/a%2Fb%20c' },
    { prefixes: ['/apps/*'], target: '/apps/abc/x', forwarded: '/x' },
    { prefixes: ['/apps/*'], target: '/apps/abc', forwarded: '/' },
    { prefixes: ['/apps/*'], target: '/apps/', forwarded: '/' },
    { prefixes: ['/apps/*'], target: '/apps', forwarded: '/apps' },
    { prefixes: ['/api'], target: '/x?next=/api/y', forwarded: '/x?next=/api/y' },
    { prefixes: [], target: '/api/users', forwarded: '/api/users' },
  ])(
    'forwards $target as $forwarded without $prefixes',
    async ({ prefixes, target, forwarded }) => {
      await using mounted = await mountMiddleware(stripPrefix, { prefixes })

      const response = await mounted.send({ target })

      expect(response.status).toBe(200)
      expect(mounted.upstream.requests[0]?.target).toBe(forwarded)
    },
  )

  it('leaves other words that begin with the prefix alone when it is strict', async () => {
    await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'], strict: true })

    await mounted.send({ target: '/apifoo' })

    expect(mounted.upstream.requests[0]?.target).toBe('/apifoo')
  })

  it('removes the longest prefix if told to', async () => {
    const options = { prefixes: ['/api', '/api/v1'], match: 'longest' }
    await using mounted = await mountMiddleware(stripPrefix, options)

    await mounted.send({ target: '/api/v1/users' })

    expect(mounted.upstream.requests[0]?.target).toBe('/users')
  })

  it.each(['/api//evil.example/x', '/api///evil.example/x', '/api/\\evil.example/x'])(
    'does not make another host of %s',
    async (target) => {
      await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'] })

      await mounted.send({ target })

      expect(mounted.upstream.requests[0]?.target).toBe('/evil.example/x')
    },
  )

  it.each([
    '/api../admin',
    '/api/../admin',
    '/api//../admin',
    '/api%2e%2E/admin',
    '/api.%2e/admin',
    '/api.',
    '/api..%2fadmin',
    '/api..%5Cadmin',
    '/api..\\admin',
    '/api/..;/admin',
    '/api..?x=1',
  ])('refuses %s with 400 and does not call the upstream', async (target) => {
    await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'] })

    const response = await mounted.send({ target })

    expect(response.status).toBe(400)
    expect(response.error?.code).toBe('GW_STRIP_PREFIX_UNSAFE_PATH')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it.each(['/api/.well-known/x', '/api/...', '/api/..x', '/api/a/..b'])(
    'forwards %s, which only looks like a dot segment',
    async (target) => {
      await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'] })

      await mounted.send({ target })

      expect(mounted.upstream.requests[0]?.target).toBe(target.slice('/api'.length))
    },
  )

  it('forwards an unsafe path as it came in a dry run', async () => {
    const options = { prefixes: ['/api'] }
    await using mounted = await mountMiddleware(stripPrefix, options, { dryRun: true })

    const response = await mounted.send({ target: '/api../admin' })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.target).toBe('/api../admin')
  })

  it('takes new prefixes with a reload', async () => {
    await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'] })
    await mounted.reload({ prefixes: ['/v1'] })

    await mounted.send({ target: '/v1/users' })

    expect(mounted.upstream.requests[0]?.target).toBe('/users')
  })

  describe('X-Forwarded-Prefix', () => {
    it.each([
      { prefix: '/api', target: '/api/users', value: '/api' },
      { prefix: '/api/', target: '/api/users', value: '/api' },
      { prefix: '/apps/*', target: '/apps/abc/x', value: '/apps/abc' },
      { prefix: '/api', target: '/other', value: undefined },
      { prefix: '/', target: '/other', value: undefined },
    ])('is $value for $target without $prefix', async ({ prefix, target, value }) => {
      await using mounted = await mountMiddleware(stripPrefix, { prefixes: [prefix] })

      await mounted.send({ target })

      expect(mounted.upstream.requests[0]?.headers['x-forwarded-prefix']).toBe(value)
    })

    it('comes after what a proxy in front removed', async () => {
      await using mounted = await mountMiddleware(stripPrefix, { prefixes: ['/api'] })
      const headers = [
        ['x-forwarded-prefix', '/shop'],
        ['x-forwarded-prefix', '/eu'],
      ] as const

      await mounted.send({ target: '/api/users', headers })

      const [request] = mounted.upstream.requests
      expect(request?.headerValues('x-forwarded-prefix')).toEqual(['/shop, /eu, /api'])
    })
  })

  it.each(['api', '', '/api*', '/a/*/b', '/**', '/api?x', '/api#x'])(
    'rejects the prefix "%s" when the configuration is loaded',
    async (prefix) => {
      await expect(mountMiddleware(stripPrefix, { prefixes: [prefix] })).rejects.toMatchObject({
        code: 'GW_INVALID_OPTIONS',
        problems: [{ code: 'GW_CONFIG_PATTERN' }],
      })
    },
  )
})
