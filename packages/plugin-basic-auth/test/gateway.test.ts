import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { authorization, bea } from './logins.ts'

describe('basic-auth in a gateway', () => {
  it('lets a user in, and the upstream does not learn the password', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const headers = { Authorization: authorization('bea') }
    const response = await gateway.request('/private', { headers })

    expect(response.status).toBe(200)
    const [request] = upstream.requests
    expect(request?.headerValues('authorization')).toEqual([])
    expect(request?.headerValues('x-auth-user')).toEqual(['bea'])
  })

  it('makes a browser ask for a password', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await gateway.request('/private')

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Basic realm="gatewright", charset="UTF-8"')
    expect(response.json()).toMatchObject({ code: 'GW_BASIC_AUTH_MISSING' })
    expect(upstream.requests).toHaveLength(0)
  })
})

function configOf(url: string): string {
  return gatewayFile(
    url,
    `type        = "basic-auth"
     user_header = "X-Auth-User"
     users       = ["${bea}"]`,
  )
}
