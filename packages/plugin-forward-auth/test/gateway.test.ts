import { gatewayFile, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('forward-auth in a gateway', () => {
  it('sends who is not signed in to the login page, and everybody else on', async () => {
    await using authServer = await startUpstream(({ headers }) =>
      headers['cookie'] === 'session=good'
        ? reply(200, { 'X-User': 'ann' })
        : reply(302, { location: 'https://login.example/', 'set-cookie': 'state=1' }, 'moved'),
    )
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, authServer.url))

    const stranger = await gateway.request('/a', { headers: { 'X-User': 'ann' } })
    const known = await gateway.request('/b?c', { headers: { cookie: 'session=good' } })

    expect([stranger.status, known.status]).toEqual([302, 200])
    expect(stranger.headers).toMatchObject({
      location: 'https://login.example/',
      'set-cookie': 'state=1',
    })
    expect(stranger.text).toBe('moved')
    expect(upstream.requests.map(({ target, headers }) => [target, headers['x-user']])).toEqual([
      ['/b?c', 'ann'],
    ])
    expect(authServer.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-uri': '/a',
    })
  })

  it('does not let a client say where it comes from', async () => {
    await using authServer = await startUpstream()
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, authServer.url))
    const headers = {
      'X-Forwarded-For': '10.0.0.1',
      'X-Forwarded-Uri': '/public',
      'X-Forwarded-Method': 'OPTIONS',
    }

    await gateway.request('/private', { method: 'DELETE', headers })

    expect(authServer.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-uri': '/private',
      'x-forwarded-method': 'DELETE',
    })
  })

  it('decides about a body before it is sent, and sends it whole', async () => {
    await using authServer = await startUpstream([reply(403), reply(200)])
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(upstream.url, authServer.url, 'forward_body = true'),
    )
    const body = Buffer.alloc(200_000, 'content ')

    const refused = await gateway.request('/', { method: 'POST', body })
    const passed = await gateway.request('/', { method: 'POST', body })

    expect([refused.status, passed.status]).toEqual([403, 200])
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.requests[0]?.body.equals(body)).toBe(true)
    expect(authServer.requests[1]?.body.equals(body)).toBe(true)
  })

  it('answers a HEAD request without the body of the refusal', async () => {
    await using authServer = await startUpstream(reply(401, {}, 'no'))
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, authServer.url))

    const response = await gateway.request('/', { method: 'HEAD' })

    expect(response.status).toBe(401)
    expect(response.text).toBe('')
  })
})

function configOf(url: string, authUrl: string, options = ''): string {
  return gatewayFile(
    url,
    `type                          = "forward-auth"
     forward_auth_url              = "${authUrl}"
     forward_auth_response_headers = ["X-User"]
     ${options}`,
  )
}
