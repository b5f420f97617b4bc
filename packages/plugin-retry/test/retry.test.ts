import { errors } from '@gatewright/kernel'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { retries, retry } from '../src/index.ts'

const endpoint = 'http://127.0.0.1:9001'
const refused = errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'ECONNREFUSED' })
const reset = errors.GW_UPSTREAM_RESET({ endpoint, problem: 'ECONNRESET' })
const timedOut = errors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint, timeoutMs: 100 })
const now = { retry_interval_ms: 0 }

describe('retry', () => {
  it('answers 200 after two refused connections', async () => {
    await using mounted = await mountMiddleware(retry, now, { upstream: [refused, refused, 200] })

    const response = await mounted.send()

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests).toHaveLength(3)
  })

  it('passes the last answer on, body and all', async () => {
    const upstream = { status: 503, headers: { 'retry-after': '0' }, body: 'down' }
    await using mounted = await mountMiddleware(retry, { ...now, max_retries: 1 }, { upstream })

    const response = await mounted.send()

    expect(response.status).toBe(503)
    expect(response.text).toBe('down')
    expect(mounted.upstream.requests).toHaveLength(2)
  })

  it('sends the whole body with every try', async () => {
    await using mounted = await mountMiddleware(retry, now, { upstream: [503, reset, 200] })

    await mounted.send({ method: 'PUT', body: 'content' })

    const bodies = mounted.upstream.requests.map(({ text }) => text)
    expect(bodies).toEqual(['content', 'content', 'content'])
  })

  it.each([
    { options: {}, headers: ['9', '9', '9'] },
    { options: { attempt_header: 'X-Gateway-Attempt' }, headers: ['1', '2', '3'] },
  ])('numbers the tries for the upstream with $options', async ({ options, headers }) => {
    const upstream = [503, reset, 200]
    await using mounted = await mountMiddleware(retry, { ...now, ...options }, { upstream })

    await mounted.send({ headers: { 'x-gateway-attempt': '9' } })

    const seen = mounted.upstream.requests.map((request) =>
      request.headerValues('x-gateway-attempt'),
    )
    expect(seen).toEqual(headers.map((value) => [value]))
  })

  it.each([
    { path: '/', number: ['1'] },
    { path: '/open/x', number: [] },
  ])('takes no word of a client for which try it sees, at $path', async ({ path, number }) => {
    const options = { ...now, attempt_header: 'X-Try' }
    await using mounted = await mountMiddleware(retry, options, { skipPaths: ['/open'] })

    await mounted.send({ target: path, headers: { 'x-try': '3', x_try: '3' } })

    const [request] = mounted.upstream.requests
    expect(request?.headerValues('x-try')).toEqual(number)
    expect(request?.headers).not.toHaveProperty('x_try')
  })

  it('lets a POST reach the upstream once if the connection breaks', async () => {
    await using mounted = await mountMiddleware(retry, now, { upstream: [reset, 200] })

    const response = await mounted.send({ method: 'POST', body: 'order' })

    expect(response.status).toBe(502)
    expect(mounted.upstream.requests).toHaveLength(1)
  })

  it.each([
    { options: { retry_non_idempotent: true }, headers: {}, tries: 2 },
    { options: {}, headers: { 'idempotency-key': '"k"' }, tries: 2 },
    {
      options: { respect_idempotency_key: false },
      headers: { 'idempotency-key': '"k"' },
      tries: 1,
    },
  ])('tries a POST with $options and $headers $tries times', async (row) => {
    const options = { ...now, ...row.options }
    await using mounted = await mountMiddleware(retry, options, { upstream: [reset, 200] })

    await mounted.send({ method: 'POST', headers: row.headers, body: 'order' })

    expect(mounted.upstream.requests).toHaveLength(row.tries)
  })

  it('repeats what timed out only if told to', async () => {
    const upstream = [timedOut, 200]
    await using cautious = await mountMiddleware(retry, now, { upstream })
    const options = { ...now, retry_on_timeout: true }
    await using bold = await mountMiddleware(retry, options, { upstream })

    expect((await cautious.send()).status).toBe(504)
    expect((await bold.send()).status).toBe(200)
  })

  it('leaves a status alone that is not listed', async () => {
    const options = { ...now, retry_status: [429] }
    await using mounted = await mountMiddleware(retry, options, { upstream: [429, 503, 200] })

    const response = await mounted.send()

    expect(response.status).toBe(503)
  })

  it('does not repeat a body that is larger than what is kept', async () => {
    const options = { ...now, max_replay_bytes: '1KiB' }
    await using mounted = await mountMiddleware(retry, options, { upstream: [503, 200] })

    const response = await mounted.send({ method: 'PUT', body: Buffer.alloc(1025) })

    expect(response.status).toBe(503)
    expect(mounted.upstream.requests).toHaveLength(1)
  })

  it('makes no further try for a client that has gone', async () => {
    await using mounted = await mountMiddleware(retry, { ...now, retry_on_timeout: true })
    mounted.upstream.behave(() => {
      mounted.abort()
      return 503
    })

    const response = await mounted.send()

    expect(response.error?.code).toBe('GW_CLIENT_ABORTED')
    expect(mounted.upstream.requests).toHaveLength(1)
  })

  it('answers 504 when all tries together take too long', async () => {
    const options = { overall_timeout: '5ms' }
    await using mounted = await mountMiddleware(retry, options, {
      upstream: () => new Promise(() => {}),
    })

    const response = await mounted.send()

    expect(response.status).toBe(504)
    expect(response.error?.code).toBe('GW_RETRY_TIMEOUT')
  })

  it('repeats nothing in a dry run, and says what it would repeat', async () => {
    await using mounted = await mountMiddleware(retry, now, { upstream: [503, 200], dryRun: true })

    const response = await mounted.send()

    expect(response.status).toBe(503)
    expect(response.ctx.get(retries)).toMatchObject([{ reason: 'status', dryRun: true }])
    expect(mounted.logs.find({ msg: 'dry run: would have sent the request again' })).toHaveLength(1)
  })

  it('stops when the budget is used up, also across a reload', async () => {
    const options = { ...now, budget_percent: 0, max_retries: 20 }
    await using mounted = await mountMiddleware(retry, options, { upstream: 503 })

    await mounted.send()
    await mounted.reload({ ...options, max_retries: 30 })
    await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(12)
  })

  it.each([
    { max_retries: 0 },
    { retry_interval_ms: -1 },
    { max_interval_ms: 60_000 },
    { retry_status: [200] },
    { retry_status: [503, 503] },
    { max_replay_bytes: 'much' },
    { overall_timeout: '0s' },
    { budget_percent: -1 },
    { retries: 3 },
  ])('rejects %o when the configuration is loaded', async (options) => {
    await expect(mountMiddleware(retry, options)).rejects.toMatchObject({
      code: 'GW_INVALID_OPTIONS',
    })
  })
})
