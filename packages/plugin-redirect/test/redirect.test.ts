import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { redirect } from '../src/index.ts'

describe('redirect', () => {
  it.each([
    { options: { scheme: 'https' }, to: 'https://example.com/a?b=1' },
    { options: { scheme: 'https', port: 8443 }, to: 'https://example.com:8443/a?b=1' },
    { options: { host: 'WWW.example.com' }, to: 'http://www.example.com/a?b=1' },
    { options: { path: '/new' }, to: 'http://example.com:8080/new?b=1' },
    { options: { port: 80 }, to: 'http://example.com/a?b=1' },
    { options: { scheme: 'https', host: '[2001:db8::1]' }, to: 'https://[2001:db8::1]/a?b=1' },
  ])('sends a client with $options to $to', async ({ options, to }) => {
    await using mounted = await mountMiddleware(redirect, options)

    const response = await mounted.send({
      target: '/a?b=1',
      headers: { host: 'example.com:8080' },
    })

    expect(response.status).toBe(307)
    expect(response.headers['location']).toBe(to)
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it.each([
    { options: { scheme: 'https' }, host: 'example.com', encrypted: true },
    { options: { scheme: 'http' }, host: 'example.com', encrypted: false },
    { options: { host: 'Example.com' }, host: 'EXAMPLE.com:80', encrypted: false },
    { options: { scheme: 'https', port: 443 }, host: 'example.com', encrypted: true },
    { options: { path: '/a' }, host: 'example.com', encrypted: false },
    { options: { host: '[2001:db8::1]' }, host: '[2001:db8::1]:8080', encrypted: false },
  ])('lets a client pass that is there already: $options', async (given) => {
    const { options, host, encrypted } = given
    await using mounted = await mountMiddleware(redirect, options)

    const response = await mounted.send({ target: '/a?b=1', headers: { host }, encrypted })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.target).toBe('/a?b=1')
  })

  it.each([301, 302, 303, 307, 308])('answers with %i if told to', async (status) => {
    await using mounted = await mountMiddleware(redirect, { scheme: 'https', status })

    const response = await mounted.send({ method: 'POST', body: 'order' })

    expect(response.status).toBe(status)
    expect(response.text).toBe('')
  })

  it('leaves alone what asks for no path', async () => {
    await using mounted = await mountMiddleware(redirect, { scheme: 'https' })

    expect((await mounted.send({ method: 'OPTIONS', target: '*' })).status).toBe(200)
  })

  it('does not guess the host of a request that names none', async () => {
    await using mounted = await mountMiddleware(redirect, { scheme: 'https' })

    const response = await mounted.send({ headers: { host: '' } })

    expect(response.status).toBe(400)
    expect(response.error?.code).toBe('GW_REDIRECT_NO_HOST')
  })

  it('keeps paths with two slashes on the host', async () => {
    await using mounted = await mountMiddleware(redirect, { scheme: 'https' })

    const response = await mounted.send({
      target: '//evil.example/',
      headers: { host: 'a.example' },
    })

    expect(response.headers['location']).toBe('https://a.example//evil.example/')
  })
})
