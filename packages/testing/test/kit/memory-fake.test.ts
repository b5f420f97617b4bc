import { describe, expect, it } from 'vitest'
import { createTestGateway, fakeUpstream, hcl, type Script } from '../../src/index.ts'

describe('a fake in memory', () => {
  it.each([
    ['an error', new Error('down')],
    ['an error by name', { error: new Error('down') }],
    ['a function that returns one', () => new Error('down')],
    [
      'a function that throws one',
      () => {
        throw new Error('down')
      },
    ],
  ])('refuses the connection for %s', async (_, script) => {
    await using gw = await createTestGateway({ upstreams: { api: fakeUpstream.memory(script) } })

    const { status, error } = await gw.inject({ method: 'POST', body: 'sent' })

    expect(status).toBe(502)
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', message: /down/ })
  })

  it('is tried again, as a server is that is down', async () => {
    const api = fakeUpstream.memory([new Error('down'), 204])
    await using gw = await createTestGateway({
      config: hcl`middlewares "again" { type = "retry" }`,
      upstreams: { api },
    })

    expect((await gw.inject({ method: 'POST', body: 'sent' })).status).toBe(204)
    expect(api.calls[1]?.text).toBe('sent')
  })

  it('answers JSON, with its type unless there is one', async () => {
    const api = fakeUpstream.memory([
      { json: { a: 1 } },
      { status: 422, headers: { 'content-type': 'application/problem+json' }, json: [] },
    ])
    await using gw = await createTestGateway({ upstreams: { api } })

    const [plain, typed] = [await gw.inject(), await gw.inject()]

    expect(plain.json()).toEqual({ a: 1 })
    expect(plain.headers['content-type']).toBe('application/json')
    expect(typed).toMatchObject({
      status: 422,
      text: '[]',
      headers: { 'content-type': 'application/problem+json', 'content-length': '2' },
    })
  })

  // What programs in JavaScript may give.
  const scripts = [{ stauts: 503 }, 'down', 20, null, [200, undefined]] as unknown as Script[]
  it.each(scripts)('takes no script that is none: %j', (script) => {
    expect(() => fakeUpstream.memory(script)).toThrow(/expected as an answer in memory a status/)
  })

  it('says so too if a function returns nothing', async () => {
    const script = (() => undefined) as unknown as Script
    await using gw = await createTestGateway({ upstreams: { api: fakeUpstream.memory(script) } })

    expect((await gw.inject()).error).toMatchObject({
      code: 'GW_TESTING_SCRIPT',
      message: /found undefined$/,
    })
  })
})
