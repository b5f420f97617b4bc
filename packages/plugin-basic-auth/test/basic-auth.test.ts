import { consumerKey } from '@gatewright/identity'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { basicAuth } from '../src/index.ts'
import { ann, authorization, bea, cyd, password, sam } from './logins.ts'

const users = [ann, bea, cyd, sam, 'pat:{PLAIN}pass:wörd']
const unbounded = { users, max_failures: 0 }

describe('basic-auth', () => {
  it.each([
    ['ann', password],
    ['bea', password],
    ['sam', password],
    ['pat', password],
    ['cyd', 'password'],
  ])('lets %s pass with the right password only', async (name, secret) => {
    await using mounted = await mountMiddleware(basicAuth, unbounded)
    const send = (value: string) => mounted.send({ headers: { authorization: value } })

    const right = await send(authorization(name, secret))
    const wrong = await send(authorization(name, `${secret}x`))
    const again = await send(authorization(name, secret))

    expect([right.status, wrong.status, again.status]).toEqual([200, 401, 200])
    expect(wrong.error?.code).toBe('GW_BASIC_AUTH_INVALID')
    expect(right.ctx.get(consumerKey)).toEqual({ name, claims: {} })
    expect(mounted.upstream.requests).toHaveLength(2)
  })

  it.each(['Basic YWRtaW46c2VjcmV0', 'basic YWRtaW46c2VjcmV0', 'BASIC  YWRtaW46c2VjcmV0'])(
    'takes "%s" for admin with the password secret',
    async (value) => {
      const options = { username: 'admin', password: 'secret' }
      await using mounted = await mountMiddleware(basicAuth, options)

      const response = await mounted.send({ headers: { authorization: value } })

      expect(response.status).toBe(200)
      expect(mounted.upstream.requests[0]?.headers['authorization']).toBeUndefined()
    },
  )

  it.each([undefined, 'Bearer YWRtaW46c2VjcmV0', 'Basically YWRtaW46c2VjcmV0'])(
    'asks for a password when there is "%s"',
    async (value) => {
      await using mounted = await mountMiddleware(basicAuth, { ...unbounded, realm: 'office' })

      const response = await mounted.send({
        headers: value === undefined ? {} : { authorization: value },
      })

      expect(response.status).toBe(401)
      expect(response.error?.code).toBe('GW_BASIC_AUTH_MISSING')
      expect(response.headers['www-authenticate']).toBe('Basic realm="office", charset="UTF-8"')
      expect(response.json()).toMatchObject({ error: 'Missing Authorization header' })
    },
  )

  it.each([
    'Basic',
    'Basic ',
    'Basic YWRtaW4=',
    'Basic YWRtaW46c2VjcmV0=',
    'Basic YWRtaW46 c2VjcmV0',
    'Basic YWRtaW46c2Vj!cmV0',
    `Basic ${Buffer.from('admin:secret').toString('base64url')}x`,
    `Basic ${Buffer.from('admin:secret\0x').toString('base64')}`,
    `Basic ${Buffer.from('admin:\xff', 'latin1').toString('base64')}`,
    authorization('admin', 'x'.repeat(2000)),
    authorization('admin', 'Secret'),
    authorization('Admin', 'secret'),
    authorization('', 'secret'),
    authorization('root', 'secret'),
  ])('answers "%s" with 401 and asks again', async (value) => {
    const options = { username: 'admin', password: 'secret' }
    await using mounted = await mountMiddleware(basicAuth, options)

    const response = await mounted.send({ headers: { authorization: value } })

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Basic realm="gatewright", charset="UTF-8"')
    expect(response.json()).toMatchObject({ error: 'Invalid credentials' })
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('refuses two logins, also if both are good', async () => {
    await using mounted = await mountMiddleware(basicAuth, unbounded)
    const headers = [
      ['authorization', authorization('sam')],
      ['authorization', authorization('pat')],
    ] as const

    expect((await mounted.send({ headers })).status).toBe(401)
  })

  it.each(['sam', 'bea', 'ann', 'cyd'])(
    'does not take the password of %s for others',
    async (user) => {
      const [line = ''] = users.filter((text) => text.startsWith(user))
      await using mounted = await mountMiddleware(basicAuth, { users: [line] })
      const secret = user === 'cyd' ? 'password' : password

      const response = await mounted.send({
        headers: { authorization: authorization('stranger', secret) },
      })

      expect(response.status).toBe(401)
    },
  )

  it('sends the login on if told to', async () => {
    const options = { ...unbounded, remove_header: false }
    await using mounted = await mountMiddleware(basicAuth, options)

    await mounted.send({ headers: { authorization: authorization('sam') } })

    const [request] = mounted.upstream.requests
    expect(request?.headers['authorization']).toBe(authorization('sam'))
  })

  it('tells the upstream who it is, which clients cannot', async () => {
    const options = { users: ['jürgen:{PLAIN}x'], user_header: 'X-Auth-User' }
    await using mounted = await mountMiddleware(basicAuth, options, { dryRun: true })
    const claim = { 'x-auth-user': 'admin', x_auth_user: 'admin' }

    await mounted.send({ headers: claim })
    await mounted.send({ headers: { ...claim, authorization: authorization('jürgen', 'x') } })

    const [nobody, user] = mounted.upstream.requests
    expect(nobody?.headerValues('x-auth-user')).toEqual([])
    expect(nobody?.headerValues('x_auth_user')).toEqual([])
    expect(user?.headerValues('x-auth-user')).toEqual([Buffer.from('jürgen').toString('latin1')])
  })

  it('forgets a password that a reload has changed', async () => {
    await using mounted = await mountMiddleware(basicAuth, unbounded)
    const headers = { authorization: authorization('bea') }
    expect((await mounted.send({ headers })).status).toBe(200)

    await mounted.reload({ users: [ann.replace('ann:', 'bea:').replace('NU1', 'NU2')] })

    expect((await mounted.send({ headers })).status).toBe(401)
  })

  it('does not take the old password for the new one while the old one is being verified', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [bea] })
    const headers = { authorization: authorization('bea') }

    const before = mounted.send({ headers })
    await mounted.reload({ users: [ann.replace('ann:', 'bea:').replace('NU1', 'NU2')] })
    const after = await mounted.send({ headers })

    expect([(await before).status, after.status]).toEqual([200, 401])
  })

  it.each([{}, { users: [] }])('says where users go if there are none: %j', async (options) => {
    await expect(mountMiddleware(basicAuth, options)).rejects.toMatchObject({
      problems: [{ code: 'GW_BASIC_AUTH_NO_USERS', hint: expect.stringContaining('users_file') }],
    })
  })

  it('names no password and no hash when the configuration is refused', async () => {
    const refused = mountMiddleware(basicAuth, { users: ['ann:hidden-secret'] })

    await expect(refused).rejects.toThrow('users.0: not a hash')
    await expect(refused).rejects.not.toThrow('hidden-secret')
  })
})

describe('wrong passwords', () => {
  it.each([
    ['in clear text', { username: 'sam', password }],
    ['as SHA-1', { users: [sam] }],
  ])('do not keep out who came with a right one, stored %s', async (_, options) => {
    await using mounted = await mountMiddleware(basicAuth, { ...options, max_failures: 2 })
    const login = (secret: string) =>
      mounted.send({ headers: { authorization: authorization('sam', secret) } })
    await login(password)

    const guesses = [await login('1'), await login('2'), await login('3')]

    expect(guesses.map(({ status }) => status)).toEqual([401, 401, 429])
    expect((await login(password)).status).toBe(200)
  })

  it('are answered with 429 above the bound, also if they come at once', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [bea], max_failures: 3 })
    const guess = (secret: string) =>
      mounted.send({ headers: { authorization: authorization('bea', secret) } })

    const responses = await Promise.all(['1', '2', '3', '4', '5'].map(guess))

    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429])
    expect(responses[4]?.error?.code).toBe('GW_BASIC_AUTH_THROTTLED')
    expect(Number(responses[4]?.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('do not lock out other addresses, nor those who are already in', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [bea], max_failures: 1 })
    const send = async (secret: string, remoteAddress: string): Promise<number> =>
      (
        await mounted.send({
          headers: { authorization: authorization('bea', secret) },
          remoteAddress,
        })
      ).status
    expect(await send(password, '10.0.0.1')).toBe(200)
    expect(await send('wrong', '10.0.0.1')).toBe(401)
    expect(await send('wronger', '10.0.0.1')).toBe(429)

    expect(await send(password, '10.0.0.1')).toBe(200)
    expect(await send(password, '10.0.0.2')).toBe(200)
  })

  it('of one IPv6 network count together', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [sam], max_failures: 1 })
    const send = async (remoteAddress: string): Promise<number> =>
      (await mounted.send({ headers: { authorization: authorization('sam', 'x') }, remoteAddress }))
        .status

    expect(await send('2001:db8::1')).toBe(401)
    expect(await send('2001:db8::2')).toBe(429)
    expect(await send('2001:db8:0:1::1')).toBe(401)
  })

  it('still count after a reload', async () => {
    const options = { users: [sam], max_failures: 1 }
    await using mounted = await mountMiddleware(basicAuth, options)
    const headers = { authorization: authorization('sam', 'x') }
    await mounted.send({ headers })

    await mounted.reload({ ...options, realm: 'other' })

    expect((await mounted.send({ headers })).status).toBe(429)
  })

  it('are not counted while the right ones come many at once', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [bea], max_failures: 1 })
    const headers = { authorization: authorization('bea') }

    const responses = await Promise.all(Array.from({ length: 20 }, () => mounted.send({ headers })))

    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200))
  })

  it('in excess of what can wait are answered with 503', async () => {
    await using mounted = await mountMiddleware(basicAuth, { users: [bea], max_failures: 0 })
    const guess = (_: unknown, index: number) =>
      mounted.send({ headers: { authorization: authorization('bea', `x${index}`) } })

    const responses = await Promise.all(Array.from({ length: 100 }, guess))

    const busy = responses.filter(({ error }) => error?.code === 'GW_BASIC_AUTH_BUSY')
    expect(busy).toHaveLength(100 - 33)
    expect(busy[0]?.status).toBe(503)
    expect(busy[0]?.headers['retry-after']).toBe('1')
  })
})
