import { gatewayFile, mountMiddleware, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { replacePath } from '../src/index.ts'

describe('replace-path', () => {
  it.each([
    { target: '/old/a%20b?c=/d', forwarded: '/new?c=/d', original: '/old/a%20b' },
    { target: '/new', forwarded: '/new', original: '/new' },
    { target: '/../etc', forwarded: '/new', original: '/../etc' },
  ])('asks the service for $forwarded in place of $target', async (expected) => {
    const options = { path: '/new', original_header: 'X-Replaced-Path' }
    await using mounted = await mountMiddleware(replacePath, options)

    await mounted.send({ target: expected.target, headers: { x_replaced_path: '/made-up' } })

    const [request] = mounted.upstream.requests
    expect(request?.target).toBe(expected.forwarded)
    expect(request?.headerValues('x-replaced-path')).toEqual([expected.original])
    expect(request?.headerValues('x_replaced_path')).toEqual([])
  })

  it('tells nothing of the path of the client unless told to', async () => {
    await using mounted = await mountMiddleware(replacePath, { path: '/new' })

    await mounted.send({ target: '/old' })

    expect(JSON.stringify(mounted.upstream.requests[0]?.rawHeaders)).not.toContain('/old')
  })

  it('leaves alone what asks for no path', async () => {
    await using mounted = await mountMiddleware(replacePath, { path: '/new' })

    await mounted.send({ method: 'OPTIONS', target: '*' })

    expect(mounted.upstream.requests[0]?.target).toBe('*')
  })

  it('changes what a service in a gateway is asked for', async () => {
    await using upstream = await startUpstream()
    const file = gatewayFile(upstream.url, 'type = "replace-path"\n path = "/new"')
    await using gateway = await startGateway(file)

    await gateway.request('/old?a=1')

    expect(upstream.requests[0]?.target).toBe('/new?a=1')
  })
})
