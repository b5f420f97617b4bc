import { errors, GatewayResponse, isThenable, type RequestContext } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { retries } from '../src/index.ts'
import { type Outcome, openRequest, ScriptedService } from './scripted-service.ts'

const endpoint = 'http://127.0.0.1:9001'
const refused = errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'ECONNREFUSED' })
const reset = errors.GW_UPSTREAM_RESET({ endpoint, problem: 'ECONNRESET' })
const now = { retry_interval_ms: 0 }

describe('tries of retry', () => {
  it('answer at once, without a promise, if the first one does', () => {
    const service = new ScriptedService([200])

    expect(isThenable(service.send())).toBe(false)
  })

  it('go on until one is good', async () => {
    const service = new ScriptedService([refused, reset, 503, 200], now)
    const ctx = openRequest()

    const response = await service.send(ctx)

    expect(response.status).toBe(200)
    expect(ctx.get(retries)?.map(({ reason }) => reason)).toEqual(['unsent', 'failure', 'status'])
  })

  it('end with the last answer after max_retries', async () => {
    const service = new ScriptedService([503, 503, 504, 200], { ...now, max_retries: 2 })

    const response = await service.send()

    expect(response.status).toBe(504)
    expect(service.tries).toHaveLength(3)
  })

  it('each get the request as it was before the first', async () => {
    const seen: string[] = []
    const change: Outcome = async ({ request }) => {
      seen.push(`${request.method} ${request.target} ${await bodyOf(request)}`)
      request.method = 'DELETE'
      request.path = '/changed'
      request.headers.append('x-seen', 'yes')
      seen.push(String(request.headers.getAll('x-seen').length))
      return new GatewayResponse({ status: 503 })
    }
    const service = new ScriptedService([change], { ...now, max_retries: 1 })

    await service.send(openRequest({ method: 'PUT', body: 'content' }))

    expect(seen).toEqual(['PUT / content', '1', 'PUT / content', '1'])
  })

  it('are not made for a method that is not idempotent once something was sent', async () => {
    const service = new ScriptedService([reset, 200], now)

    const response = await service.send(openRequest({ method: 'POST', body: 'order' }))

    expect(response.error?.code).toBe('GW_UPSTREAM_RESET')
    expect(service.tries).toHaveLength(1)
  })

  it('are made for any method if nothing was sent', async () => {
    const service = new ScriptedService([refused, 200], now)

    const response = await service.send(openRequest({ method: 'POST', body: 'order' }))

    expect(response.status).toBe(200)
  })

  it('are not made once more of the body has been read than is kept', async () => {
    const service = new ScriptedService([readAndFail, 200], { ...now, max_replay_bytes: 3 })

    const response = await service.send(openRequest({ method: 'PUT', body: 'four' }))

    expect(response.status).toBe(503)
    expect(service.tries).toHaveLength(1)
  })

  it('are made however long the body is if nothing of it was read', async () => {
    const service = new ScriptedService([503, 200], { ...now, max_replay_bytes: 3 })

    const response = await service.send(openRequest({ method: 'PUT', body: 'four' }))

    expect(response.status).toBe(200)
  })

  it.each([
    { what: 'refuses connections', first: refused, status: 101 },
    { what: 'breaks off', first: reset, status: 502 },
    { what: 'answers 503', first: 503, status: 503 },
  ])('of a request that switches protocols end with $status if a server $what', async (row) => {
    const service = new ScriptedService([row.first, 101], now)

    const response = await service.send(openRequest({ upgrade: 'websocket' }))

    expect(response.status).toBe(row.status)
  })

  it('are not made for a tunnel', async () => {
    const service = new ScriptedService([refused, 200], now)

    const response = await service.send(openRequest({ method: 'CONNECT', upgrade: 'websocket' }))

    expect(response.status).toBe(502)
  })

  it('are only logged by a dry run', async () => {
    const service = new ScriptedService([503, 200], now, true)
    const ctx = openRequest()

    const response = await service.send(ctx)

    expect(response.status).toBe(503)
    expect(ctx.get(retries)).toEqual([{ reason: 'status', delayMs: 0, dryRun: true }])
    expect(service.logs.find({ msg: 'dry run: would have sent the request again' })).toMatchObject([
      { level: 'info', reason: 'status', status: 503 },
    ])
  })

  it('are not made without budget, which outlives a reload', async () => {
    const before = new ScriptedService([503], { ...now, budget_percent: 0, max_retries: 9 })
    await before.send()
    const after = new ScriptedService([503], { ...now, budget_percent: 0 }, false, before.kept)

    await after.send()

    expect(after.tries).toHaveLength(2)
    expect(after.logs.find({ msg: 'retry budget is used up' })).toHaveLength(1)
  })
})

async function readAndFail({ request }: RequestContext): Promise<GatewayResponse> {
  await bodyOf(request)
  return new GatewayResponse({ status: 503 })
}

async function bodyOf({ body }: RequestContext['request']): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
