import { PassThrough } from 'node:stream'
import {
  type ConfigProblem,
  isGatewayError,
  type Middleware,
  type MiddlewareFactory,
  type RequestContext,
  StreamContext,
} from '@gatewright/kernel'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { ipAllow } from '../src/index.ts'

describe('ip-allow', () => {
  it.each([
    { options: { allowed_ips: ['10.0.0.1'] }, from: '10.0.0.1', status: 200 },
    { options: { allowed_ips: ['10.0.0.1'] }, from: '10.0.0.2', status: 403 },
    { options: { allowed_ips: ['192.168.1.0/24'] }, from: '192.168.1.77', status: 200 },
    { options: { allowed_ips: ['172.16.0.0/12'] }, from: '172.20.5.10', status: 200 },
    { options: { allowed_ips: ['10.0.0.0/8'] }, from: '::ffff:10.0.0.1', status: 200 },
    { options: { allowed_ips: ['::1', 'fd00::/8'] }, from: 'fd12::1', status: 200 },
    { options: { allowed_ips: ['fe80::/10'] }, from: 'fe80::1%eth0', status: 200 },
    { options: { allowed_ips: ['10.0.0.3-10.0.0.5'] }, from: '10.0.0.4', status: 200 },
    { options: { allowed_ips: ['0.0.0.0/0', '::/0'] }, from: 'not-an-ip', status: 403 },
    { options: { denied_ips: ['10.0.0.0/8'] }, from: 'not-an-ip', status: 403 },
    { options: { denied_ips: ['10.0.0.0/8'] }, from: '10.0.0.1', status: 403 },
    { options: { denied_ips: ['10.0.0.0/8'] }, from: '11.0.0.1', status: 200 },
    {
      options: { allowed_ips: ['10.0.0.0/8'], denied_ips: ['10.0.0.1'] },
      from: '10.0.0.1',
      status: 403,
    },
    {
      options: { allowed_ips: ['10.0.0.1'], denied_ips: ['10.0.0.0/8'] },
      from: '10.0.0.1',
      status: 403,
    },
  ])('answers $status to $from with $options', async ({ options, from, status }) => {
    await using mounted = await mountMiddleware(ipAllow, options)

    const response = await mounted.send({ remoteAddress: from })

    expect(response.status).toBe(status)
    expect(mounted.upstream.requests).toHaveLength(status === 200 ? 1 : 0)
  })

  it('says why in a problem document', async () => {
    await using mounted = await mountMiddleware(ipAllow, { allowed_ips: ['10.0.0.1'] })

    const response = await mounted.send({ remoteAddress: '203.0.113.7' })

    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json()).toMatchObject({
      code: 'GW_IP_ALLOW_DENIED',
      error: 'Forbidden',
      detail: 'the address 203.0.113.7 is not let in',
    })
  })

  it('answers with another status if told to', async () => {
    const options = { allowed_ips: ['10.0.0.1'], reject_status: 404 }
    await using mounted = await mountMiddleware(ipAllow, options)

    const response = await mounted.send()

    expect(response.status).toBe(404)
    expect(response.json()).toMatchObject({ status: 404 })
  })

  it('takes no notice of X-Forwarded-For by itself', async () => {
    await using mounted = await mountMiddleware(ipAllow, { allowed_ips: ['10.0.0.1'] })

    const response = await mounted.send({ headers: { 'x-forwarded-for': '10.0.0.1' } })

    expect(response.status).toBe(403)
  })

  it('takes another list with a reload', async () => {
    await using mounted = await mountMiddleware(ipAllow, { allowed_ips: ['10.0.0.1'] })
    await mounted.reload({ allowed_ips: ['127.0.0.1'] })

    expect((await mounted.send()).status).toBe(200)
  })

  it.each([
    { options: {}, at: '', problem: 'no list' },
    {
      options: { allowed_ips: ['::1', '10.0.0.0/33'] },
      at: 'allowed_ips.1',
      problem: 'expected an address',
    },
    { options: { denied_ips: ['nobody'] }, at: 'denied_ips.0', problem: 'found "nobody"' },
    {
      options: { denied_ips: ['::1'], ip_strategy: {} },
      at: 'ip_strategy',
      problem: 'either depth or excluded_ips',
    },
  ])('says what is wrong with $options', async ({ options, at, problem }) => {
    const problems = await mountMiddleware(ipAllow, options).then(() => [], problemsOf)

    expect(problems.map(({ path }) => path.join('.'))).toEqual([at])
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(problem)])
  })
})

describe('ip_strategy', () => {
  it.each([
    { strategy: { depth: 0 }, way: '10.0.0.1, 10.0.0.2', counts: '127.0.0.1' },
    { strategy: { depth: 1 }, way: '10.0.0.1, 10.0.0.2', counts: '10.0.0.2' },
    { strategy: { depth: 2 }, way: '10.0.0.1, 10.0.0.2', counts: '10.0.0.1' },
    { strategy: { depth: 1 }, way: '10.0.0.1, 10.0.0.2, 127.0.0.1', counts: '10.0.0.2' },
    { strategy: { depth: 1 }, way: '10.0.0.1, , 10.0.0.2,,', counts: '10.0.0.2' },
    { strategy: { depth: 1 }, way: '[2001:db8::1]:443', counts: '2001:db8::1' },
    { strategy: { excluded_ips: ['127.0.0.1'] }, way: '10.0.0.1, 10.0.0.2', counts: '10.0.0.2' },
    {
      strategy: { excluded_ips: ['127.0.0.1', '10.0.0.2'] },
      way: '10.0.0.1, 10.0.0.2',
      counts: '10.0.0.1',
    },
    { strategy: { excluded_ips: ['10.0.0.2'] }, way: '10.0.0.1, 10.0.0.2', counts: '127.0.0.1' },
  ])('$strategy finds $counts behind $way', async ({ strategy, way, counts }) => {
    const options = { allowed_ips: [counts], ip_strategy: strategy }
    await using mounted = await mountMiddleware(ipAllow, options)

    const response = await mounted.send({ headers: { 'x-forwarded-for': way } })

    expect(response.status).toBe(200)
  })

  it.each([
    { strategy: { depth: 3 }, way: '10.0.0.1, 10.0.0.2' },
    { strategy: { depth: 1 }, way: 'unknown' },
    { strategy: { depth: 1 }, way: '' },
    { strategy: { excluded_ips: ['0.0.0.0/0'] }, way: '10.0.0.1, 10.0.0.2' },
    { strategy: { excluded_ips: ['127.0.0.1'] }, way: '10.0.0.1, unknown' },
  ])('$strategy lets nobody in behind "$way"', async ({ strategy, way }) => {
    const options = { allowed_ips: ['0.0.0.0/0', '::/0'], ip_strategy: strategy }
    await using mounted = await mountMiddleware(ipAllow, options)

    const response = await mounted.send({ headers: { 'x-forwarded-for': way } })

    expect(response.status).toBe(403)
  })
})

describe('ip-allow on a stream', () => {
  it.each([
    { from: '10.0.0.1', refusal: undefined },
    {
      from: '10.0.0.2',
      refusal: {
        reason: 'the address 10.0.0.2 is not let in',
        error: { code: 'GW_IP_ALLOW_DENIED' },
      },
    },
  ])('refuses $from: $refusal.reason', async ({ from, refusal }) => {
    let made: Middleware | undefined
    const factory: MiddlewareFactory<Parameters<typeof ipAllow.create>[0]> = {
      ...ipAllow,
      async create(options, scope) {
        made = await ipAllow.create(options, scope)
        return made
      },
    }
    await using mounted = await mountMiddleware(factory, { allowed_ips: ['10.0.0.1'] })
    const { ctx } = await mounted.send()

    const found = await made?.onConnection?.(streamFrom(from, ctx))

    if (refusal === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(refusal)
  })
})

function streamFrom(
  remoteAddress: string,
  { connection, snapshot }: RequestContext,
): StreamContext {
  return new StreamContext({ ...connection, remoteAddress }, snapshot, new PassThrough())
}

function problemsOf(error: unknown): readonly ConfigProblem[] {
  return isGatewayError(error) ? error.problems : []
}
