import {
  closeAfterHead,
  closeBeforeResponse,
  deadUrl,
  hang,
  poolFile,
  reply,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('retry in a gateway', () => {
  it('turns to another server when one refuses connections, whatever the method', async () => {
    const dead = await deadUrl()
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf([dead, upstream.url]))

    const statuses: number[] = []
    for (const method of ['GET', 'GET', 'POST', 'POST']) {
      const { status } = await gateway.request('/', { method, body: 'content' })
      statuses.push(status)
    }

    expect(statuses).toEqual([200, 200, 200, 200])
    expect(upstream.requests.map(({ text }) => text)).toEqual([
      'content',
      'content',
      'content',
      'content',
    ])
  })

  it('needs no budget to turn to servers that the request has not tried', async () => {
    const dead = [await deadUrl(), await deadUrl()]
    await using upstream = await startUpstream()
    const options = 'budget_percent = 0'
    await using gateway = await startGateway(configOf([...dead, upstream.url], ['again'], options))

    const statuses: number[] = []
    for (let index = 0; index < 40; index++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual(Array(40).fill(200))
  })

  it('answers 503 if no server can be reached, with budget and without', async () => {
    const dead = [await deadUrl(), await deadUrl()]
    await using gateway = await startGateway(configOf(dead, ['again'], 'budget_percent = 0'))

    const statuses: number[] = []
    for (let index = 0; index < 40; index++) statuses.push((await gateway.request('/')).status)
    const response = await gateway.request('/')

    expect(statuses).toEqual(Array(40).fill(503))
    expect(response.json()).toMatchObject({ code: 'GW_RETRY_UNREACHABLE' })
    expect(response.headers['retry-after']).toBe('1')
  })

  it('sends the whole body again after the upstream went away', async () => {
    await using failing = await startUpstream(closeBeforeResponse())
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf([failing.url, upstream.url]))
    const body = Buffer.alloc(60_000, 'content ')

    const response = await gateway.request('/', { method: 'PUT', body })

    expect(response.status).toBe(200)
    expect(upstream.requests[0]?.body.equals(body)).toBe(true)
  })

  it('lets a POST reach one upstream only', async () => {
    await using failing = await startUpstream(closeBeforeResponse())
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf([failing.url, upstream.url]))

    const response = await gateway.request('/', { method: 'POST', body: 'order' })

    expect(response.status).toBe(502)
    expect(upstream.requests).toHaveLength(0)
  })

  it('does not try again once the response has begun', async () => {
    await using failing = await startUpstream(closeAfterHead())
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf([failing.url, upstream.url]))

    await expect(gateway.request('/')).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })

    expect(upstream.requests).toHaveLength(0)
  })

  it('runs the middlewares behind it on the request as it came, with every try', async () => {
    await using upstream = await startUpstream([reply(503), reply(503), reply(200)])
    await using gateway = await startGateway(`
      ${configOf([upstream.url], ['again', 'without-api'])}
      middlewares "without-api" {
        type     = "strip-prefix"
        prefixes = ["/api"]
      }
    `)

    const response = await gateway.request('/api/api/users')

    expect(response.status).toBe(200)
    const targets = upstream.requests.map(({ target }) => target)
    expect(targets).toEqual(['/api/users', '/api/users', '/api/users'])
    const prefixes = upstream.requests.map((request) => request.headers['x-forwarded-prefix'])
    expect(prefixes).toEqual(['/api', '/api', '/api'])
  })

  it('answers 504 and hangs up when the upstream takes too long', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startGateway(
      configOf([upstream.url], ['again'], 'overall_timeout = "20ms"'),
    )

    const response = await gateway.request('/')

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({ code: 'GW_RETRY_TIMEOUT' })
  })
})

function configOf(urls: readonly string[], middlewares = ['again'], options = ''): string {
  const again = `
    middlewares "again" {
      type              = "retry"
      retry_interval_ms = 0
      ${options}
    }
  `
  return poolFile(urls, { middlewares, blocks: again })
}
