import { consumerKey } from '@gatewright/identity'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { apiKey } from '../src/index.ts'

/** SHA-256 of `abc`. */
const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

describe('api-key', () => {
  it.each([
    { options: { keys: ['one', 'two'] }, field: 'x-api-key', value: 'two' },
    { options: { keys: ['one'], header: 'X-Token' }, field: 'x-token', value: 'one' },
    { options: { keys: [`sha256:${digest}`] }, field: 'x-api-key', value: 'abc' },
    { options: { keys: [`sha256:${digest.toUpperCase()}`] }, field: 'x-api-key', value: 'abc' },
    { options: { keys: ['schlüssel'] }, field: 'x-api-key', value: utf8('schlüssel') },
  ])('lets $value pass with $options', async ({ options, field, value }) => {
    await using mounted = await mountMiddleware(apiKey, options)

    const response = await mounted.send({ headers: { [field]: value } })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.headers[field]).toBeUndefined()
  })

  it.each([
    { headers: {}, code: 'GW_API_KEY_MISSING' },
    { headers: { 'x-api-key': '' }, code: 'GW_API_KEY_INVALID' },
    { headers: { 'x-api-key': 'SECRET' }, code: 'GW_API_KEY_INVALID' },
    { headers: { 'x-api-key': 'secret1' }, code: 'GW_API_KEY_INVALID' },
    { headers: { 'x-api-key': 'secre' }, code: 'GW_API_KEY_INVALID' },
    { headers: { 'x-api-key': `sha256:${digest}` }, code: 'GW_API_KEY_INVALID' },
    { headers: { 'x-api-key': digest }, code: 'GW_API_KEY_INVALID' },
    { headers: { authorization: 'ApiKey secret' }, code: 'GW_API_KEY_MISSING' },
  ])('answers $headers with 401 and a challenge', async ({ headers, code }) => {
    await using mounted = await mountMiddleware(apiKey, { keys: ['secret', `sha256:${digest}`] })

    const response = await mounted.send({ headers, target: '/?key=secret' })

    expect(response.status).toBe(401)
    expect(response.error?.code).toBe(code)
    expect(response.headers['www-authenticate']).toBe('ApiKey realm="gatewright"')
    expect(response.json()).toMatchObject({ error: 'Invalid or missing API key' })
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('refuses two keys, also if both are good', async () => {
    await using mounted = await mountMiddleware(apiKey, { keys: ['one', 'two'] })
    const headers = [
      ['x-api-key', 'one'],
      ['x-api-key', 'two'],
    ] as const

    const response = await mounted.send({ headers })

    expect(response.error?.code).toBe('GW_API_KEY_AMBIGUOUS')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('sends the key on if told to', async () => {
    const options = { keys: ['secret'], forward: true, query: 'key', authorization: true }
    await using mounted = await mountMiddleware(apiKey, options)

    await mounted.send({ headers: { 'x-api-key': 'secret' }, target: '/?key=other' })
    await mounted.send({ headers: { authorization: 'Bearer secret' } })

    expect(mounted.upstream.requests[0]?.headers['x-api-key']).toBe('secret')
    expect(mounted.upstream.requests[0]?.target).toBe('/?key=other')
    expect(mounted.upstream.requests[1]?.headers['authorization']).toBe('Bearer secret')
  })

  describe('the consumer', () => {
    it('is told to the upstream and to later middlewares', async () => {
      const options = { consumers: { acme: ['old', 'new'], other: ['abc'] } }
      await using mounted = await mountMiddleware(apiKey, options)

      const response = await mounted.send({ headers: { 'x-api-key': 'new' } })

      expect(mounted.upstream.requests[0]?.headers['x-consumer-name']).toBe('acme')
      expect(response.ctx.get(consumerKey)).toEqual({ name: 'acme', claims: {} })
    })

    it.each(['x-consumer-name', 'x_consumer_name'])('cannot be made up in %s', async (field) => {
      const consumers = { acme: ['secret'] }
      await using mounted = await mountMiddleware(apiKey, { consumers }, { dryRun: true })

      await mounted.send({ headers: { [field]: 'admin', 'x-api-key': 'wrong' } })
      await mounted.send({ headers: { [field]: 'admin', 'x-api-key': 'secret' } })

      const [wrong, right] = mounted.upstream.requests
      expect(wrong?.headerValues('x-consumer-name')).toEqual([])
      expect(wrong?.headerValues('x_consumer_name')).toEqual([])
      expect(right?.headerValues('x-consumer-name')).toEqual(['acme'])
    })

    it('has a name of its own for each key without one, whatever the order is', async () => {
      await using mounted = await mountMiddleware(apiKey, { keys: ['one', 'two'] })
      const nameOf = async (key: string): Promise<string | undefined> => {
        const response = await mounted.send({ headers: { 'x-api-key': key } })
        return response.ctx.get(consumerKey)?.name
      }
      const one = await nameOf('one')
      expect(one).toMatch(/^key-[0-9a-f]{8}$/)
      expect(await nameOf('two')).not.toBe(one)

      await mounted.reload({ keys: ['two', 'one'] })

      expect(await nameOf('one')).toBe(one)
    })
  })

  describe('in Authorization', () => {
    it.each(['ApiKey secret', 'apikey secret', 'Bearer  secret'])('takes "%s"', async (value) => {
      const options = { keys: ['secret'], authorization: true }
      await using mounted = await mountMiddleware(apiKey, options)

      const response = await mounted.send({ headers: { authorization: value } })

      expect(response.status).toBe(200)
      expect(mounted.upstream.requests[0]?.headers['authorization']).toBeUndefined()
    })

    it('leaves credentials of another kind alone', async () => {
      const options = { keys: ['secret'], authorization: true }
      await using mounted = await mountMiddleware(apiKey, options)
      const headers = { authorization: 'Basic eA==', 'x-api-key': 'secret' }

      await mounted.send({ headers })
      const response = await mounted.send({ headers: { authorization: 'Basic secret' } })

      expect(mounted.upstream.requests[0]?.headers['authorization']).toBe('Basic eA==')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        'ApiKey realm="gatewright", Bearer realm="gatewright"',
      )
    })
  })

  describe('in the query', () => {
    it.each([
      { target: '/a?key=s+e%26t', forwarded: '/a' },
      { target: '/a?x=1&key=s%20e%26t&y=2', forwarded: '/a?x=1&y=2' },
      { target: '/a?k%65y=s+e%26t&x', forwarded: '/a?x' },
      { target: '/a?%=1&key=s+e%26t', forwarded: '/a?%=1' },
    ])('takes $target and forwards $forwarded', async ({ target, forwarded }) => {
      await using mounted = await mountMiddleware(apiKey, { keys: ['s e&t'], query: 'key' })

      const response = await mounted.send({ target })

      expect(response.status).toBe(200)
      expect(mounted.upstream.requests[0]?.target).toBe(forwarded)
    })

    it.each([
      { target: '/', code: 'GW_API_KEY_MISSING' },
      { target: '/?', code: 'GW_API_KEY_MISSING' },
      { target: '/?x=secret', code: 'GW_API_KEY_MISSING' },
      { target: '/?key', code: 'GW_API_KEY_INVALID' },
      { target: '/?key=wrong', code: 'GW_API_KEY_INVALID' },
      { target: '/?key=%zz', code: 'GW_API_KEY_MISSING' },
      { target: '/?key=secret&key=secret', code: 'GW_API_KEY_AMBIGUOUS' },
    ])('refuses $target with $code', async ({ target, code }) => {
      await using mounted = await mountMiddleware(apiKey, { keys: ['secret'], query: 'key' })

      const response = await mounted.send({ target })

      expect(response.error?.code).toBe(code)
      expect(mounted.upstream.requests).toHaveLength(0)
    })
  })

  it.each([{}, { keys: [] }, { consumers: {} }])(
    'says where keys go if there are none: %j',
    async (options) => {
      await expect(mountMiddleware(apiKey, options)).rejects.toMatchObject({
        problems: [{ code: 'GW_API_KEY_NO_KEYS', hint: expect.stringContaining('keys_file') }],
      })
    },
  )

  it('names no key when the configuration is refused', async () => {
    const refused = mountMiddleware(apiKey, { keys: ['hidden-one', 'hidden-one'] })

    await expect(refused).rejects.toThrow('keys.1: the same key stands there twice')
    await expect(refused).rejects.not.toThrow('hidden-one')
  })
})

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
