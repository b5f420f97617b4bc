import { consumerKey } from '@gatewright/identity'
import { deadUrl, mountMiddleware } from '@gatewright/testing'
import { EncryptJWT, SignJWT } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { jwt } from '../src/index.ts'

const value = 'a-secret-of-at-least-thirty-two-bytes'
const later = 4_102_444_800

describe('jwt', () => {
  it('lets a good token pass and tells the upstream who it is', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const headers = { authorization: `Bearer ${await tokenOf({ sub: 'user-123' })}` }

    const response = await mounted.send({ headers })

    expect(response.status).toBe(200)
    const [request] = mounted.upstream.requests
    expect(request?.headers['x-jwt-subject']).toBe('user-123')
    expect(request?.headers['authorization']).toBe(headers.authorization)
    const consumer = response.ctx.get(consumerKey)
    expect(consumer).toEqual({ name: 'user-123', claims: { sub: 'user-123', exp: later } })
  })

  it('tells the log from where there are no keys, but no password and no query', async () => {
    const url = new URL('/keys?token=hunter3', await deadUrl())
    const jwks_url = url.href.replace('http://', 'http://user:hunter2@')
    await using mounted = await mountMiddleware(jwt, { jwks_url })
    const headers = { authorization: `Bearer ${await tokenOf({ sub: 'user-123' })}` }

    const { error } = await mounted.send({ headers })
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'warn' })).not.toHaveLength(0))

    const told = JSON.stringify(mounted.logs.entries) + String(error?.message)
    expect(told).toContain(`${url.host}/keys`)
    expect(told).not.toMatch(/hunter[23]/)
  })

  it('answers 401 with a challenge, and no error, if there is no token', async () => {
    await using mounted = await mountMiddleware(jwt, { value, realm: 'the api' })

    const response = await mounted.send({})

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="the api"')
    expect(response.error?.code).toBe('GW_JWT_MISSING')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it.each([
    { claims: { exp: 1 }, reason: 'expired' },
    { claims: { nbf: later - 1 }, reason: 'not yet valid' },
    { claims: { iss: 'https://evil.example' }, reason: 'issuer' },
    { claims: { exp: undefined }, reason: 'claim' },
  ])('answers 401 and says "$reason" to $claims', async ({ claims, reason }) => {
    const issuers = ['https://login.example.com/']
    await using mounted = await mountMiddleware(jwt, { value, issuers })
    const token = await tokenOf({ iss: issuers[0], ...claims })

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe(
      `Bearer realm="gatewright", error="invalid_token", error_description="${reason}"`,
    )
    expect(JSON.parse(response.text)).toMatchObject({ error: 'invalid_token' })
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('answers 403 to a token for somebody else', async () => {
    await using mounted = await mountMiddleware(jwt, { value, audiences: ['api'] })
    const token = await tokenOf({ aud: ['web', 'shop'] })

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  it('answers 403 to a token with too little scope, and says what it takes', async () => {
    await using mounted = await mountMiddleware(jwt, { value, scopes: ['orders:read', 'orders'] })
    const send = async (scope: string) =>
      mounted.send({ headers: { authorization: `Bearer ${await tokenOf({ scope })}` } })

    const response = await send('orders:read profile')

    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="gatewright", error="insufficient_scope", error_description="scope", scope="orders:read orders"',
    )
    expect(response.json()).toMatchObject({ code: 'GW_JWT_FORBIDDEN', error: 'insufficient_scope' })
    expect((await send('orders orders:read')).status).toBe(200)
  })

  it('says that it does not read encrypted tokens', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const token = await new EncryptJWT({ sub: 'admin', exp: later })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32))

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toContain('error_description="encrypted"')
  })

  it('takes a token with one of several audiences', async () => {
    await using mounted = await mountMiddleware(jwt, { value, audiences: ['api'] })
    const token = await tokenOf({ aud: ['web', 'api'] })

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(200)
  })

  it('takes tokens of each secret', async () => {
    const old = 'another-secret-of-thirty-two-bytes-or-more'
    await using mounted = await mountMiddleware(jwt, { value, secrets: [old] })

    const statuses: number[] = []
    for (const secret of [value, old, `${value}!`]) {
      const authorization = `Bearer ${await tokenOf({}, secret)}`
      const { status } = await mounted.send({ headers: { authorization } })
      statuses.push(status)
    }

    expect(statuses).toEqual([200, 200, 401])
  })

  it.each(['bearer', 'BEARER', 'Bearer '])('takes the scheme written "%s"', async (scheme) => {
    await using mounted = await mountMiddleware(jwt, { value })

    const response = await mounted.send({
      headers: { authorization: `${scheme} ${await tokenOf({})}` },
    })

    expect(response.status).toBe(200)
  })

  it('takes a token without a scheme only if told to', async () => {
    await using strict = await mountMiddleware(jwt, { value, header: 'X-Token' })
    await using lenient = await mountMiddleware(jwt, { value, header: 'X-Token', allow_raw: true })
    const headers = { 'x-token': await tokenOf({}) }

    const responses = [await strict.send({ headers }), await lenient.send({ headers })]

    expect(responses.map(({ status }) => status)).toEqual([401, 200])
  })

  it('does not take the credentials of another scheme for a token', async () => {
    await using mounted = await mountMiddleware(jwt, { value, allow_raw: true })

    const response = await mounted.send({ headers: { authorization: 'Basic YWRtaW46c2VjcmV0' } })

    expect(response.error?.code).toBe('GW_JWT_MISSING')
  })

  it('refuses two tokens, of which others may see the other one', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const field = ['authorization', `Bearer ${await tokenOf({})}`] as const

    const response = await mounted.send({ headers: [field, field] })

    expect(response.headers['www-authenticate']).toContain('given more than once')
  })

  it('refuses a token that is too long without looking at it', async () => {
    await using mounted = await mountMiddleware(jwt, { value, max_token_bytes: 100 })

    const response = await mounted.send({
      headers: { authorization: `Bearer ${await tokenOf({ pad: 'x'.repeat(100) })}` },
    })

    expect(response.headers['www-authenticate']).toContain('too long')
  })

  it('finds tokens in cookies and in the query, and takes them away', async () => {
    const options = { value, sources: ['cookie:session', 'query:token'], remove_token: true }
    await using mounted = await mountMiddleware(jwt, options)
    const token = await tokenOf({})

    await mounted.send({ headers: { cookie: `a=1; session=${token}; b=2` }, target: '/x?y=1' })
    await mounted.send({ target: `/x?y=1&token=${token}&z=` })
    await mounted.send({ target: `/x?token=${token}`, headers: { cookie: 'a=1' } })
    await mounted.send({ headers: { cookie: `session=${token}` } })

    const seen = mounted.upstream.requests.map(({ target, headers }) => [target, headers['cookie']])
    expect(seen).toEqual([
      ['/x?y=1', 'a=1; b=2'],
      ['/x?y=1&z=', undefined],
      ['/x', 'a=1'],
      ['/', undefined],
    ])
  })

  it('keeps the token from the upstream if told to', async () => {
    await using mounted = await mountMiddleware(jwt, { value, remove_token: true })

    await mounted.send({ headers: { authorization: `Bearer ${await tokenOf({})}` } })

    expect(mounted.upstream.requests[0]?.headers['authorization']).toBeUndefined()
  })

  it('forwards claims of all kinds in place of what the client made up', async () => {
    const forward = { 'X-Roles': 'realm.roles', 'x-name': 'name', 'x-city': 'address.city' }
    await using mounted = await mountMiddleware(jwt, { value, forward_claims: forward })
    const token = await tokenOf({ realm: { roles: ['a', 'b'] }, name: 'Zoë' })
    const headers = {
      authorization: `Bearer ${token}`,
      'x-roles': 'admin',
      X_Roles: 'admin',
      'x-city': 'Paris',
    }

    await mounted.send({ headers })

    const seen = mounted.upstream.requests[0]?.headers
    expect(seen?.['x-roles']).toBe('a,b')
    expect(Buffer.from(seen?.['x-name'] ?? '', 'latin1').toString()).toBe('Zoë')
    expect(seen).not.toHaveProperty('x-city')
    expect(seen).not.toHaveProperty('x_roles')
  })

  it('removes the subject that a client made up if the token has none', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const headers = { authorization: `Bearer ${await tokenOf({})}`, 'X-Jwt-Subject': 'admin' }

    await mounted.send({ headers })

    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('x-jwt-subject')
  })

  it('removes the subject that a client made up also in a dry run', async () => {
    await using mounted = await mountMiddleware(jwt, { value }, { dryRun: true })

    const response = await mounted.send({ headers: { 'x-jwt-subject': 'admin' } })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('x-jwt-subject')
  })

  it.each(['', ' ', ' \t ', '\u00A0', '\u3000'])('takes the subject %j for none', async (sub) => {
    await using mounted = await mountMiddleware(jwt, { value })

    const response = await mounted.send({
      headers: { authorization: `Bearer ${await tokenOf({ sub })}` },
    })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('x-jwt-subject')
    expect(response.ctx.get(consumerKey)).toBeUndefined()
  })

  it.each([{ roles: ['a,admin'] }, { roles: ['a', ',admin'] }, { roles: ['a', 'b,'] }])(
    'refuses $roles, which the upstream would take for other roles',
    async ({ roles }) => {
      const options = { value, forward_claims: { 'X-Roles': 'roles' } }
      await using mounted = await mountMiddleware(jwt, options)
      const headers = { authorization: `Bearer ${await tokenOf({ roles })}` }

      // The second time it is a token that was seen before.
      const answers = [await mounted.send({ headers }), await mounted.send({ headers })]

      expect(answers.map(({ status }) => status)).toEqual([401, 401])
      expect(answers[0]?.headers['www-authenticate']).toContain('error_description="claim"')
      expect(mounted.upstream.requests).toHaveLength(0)
    },
  )

  it('lets a text with a comma pass, and a list with one that is not forwarded', async () => {
    const options = { value, forward_claims: { 'X-Name': 'name' } }
    await using mounted = await mountMiddleware(jwt, options)
    const token = await tokenOf({ name: 'Zoe, Ann', roles: ['a,b'] })

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.headers['x-name']).toBe('Zoe, Ann')
  })

  it('refuses a claim that would begin another header field', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const token = await tokenOf({ sub: 'a\r\nx-admin: 1' })

    const response = await mounted.send({ headers: { authorization: `Bearer ${token}` } })

    expect(response.status).toBe(401)
  })

  it('verifies the same token once, and no longer than it is good', async () => {
    await using mounted = await mountMiddleware(jwt, { value, leeway: 0 })
    const verify = vi.spyOn(crypto.subtle, 'verify')
    const now = vi.spyOn(Date, 'now').mockReturnValue(1000_000)
    const headers = { authorization: `Bearer ${await tokenOf({ exp: 1001 })}` }

    const first = await mounted.send({ headers })
    const second = await mounted.send({ headers })
    now.mockReturnValue(1001_000)
    const third = await mounted.send({ headers })

    expect([first.status, second.status, third.status]).toEqual([200, 200, 401])
    expect(verify).toHaveBeenCalledTimes(2)
    vi.restoreAllMocks()
  })

  it('forgets what it accepted when the secret changes', async () => {
    await using mounted = await mountMiddleware(jwt, { value })
    const headers = { authorization: `Bearer ${await tokenOf({})}` }
    await mounted.send({ headers })

    await mounted.reload({ value: `${value}-new` })

    const response = await mounted.send({ headers })
    expect(response.status).toBe(401)
  })

  it('warns of a secret that can be guessed, without telling it', async () => {
    await using mounted = await mountMiddleware(jwt, { value: 'hunter2' })

    const warned = mounted.logs.entries.filter(({ msg }) => msg?.includes('short enough'))

    expect(warned).toMatchObject([{ bytes: 7, expected: 32 }])
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('hunter2')
  })

  it('warns of a secret that is shorter than the signatures of the chosen algorithms', async () => {
    const algorithms = ['HS256', 'HS512']
    await using mounted = await mountMiddleware(jwt, { value, algorithms })

    const warned = mounted.logs.entries.filter(({ msg }) => msg?.includes('short enough'))

    expect(warned).toMatchObject([{ bytes: value.length, expected: 64 }])
  })
})

function tokenOf(claims: Readonly<Record<string, unknown>>, secret = value): Promise<string> {
  return new SignJWT({ exp: later, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret))
}
