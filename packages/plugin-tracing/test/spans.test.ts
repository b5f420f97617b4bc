import { closeBeforeResponse, connect, deadUrl, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startCollector } from './collector.ts'
import {
  client,
  parentId,
  scaling,
  server,
  spansOf,
  start,
  traceId,
  traceparent,
} from './traced-gateway.ts'

describe('a recorded trace', () => {
  it('leads from the client over the gateway to the server', async () => {
    await using upstream = await startUpstream(reply(201, {}, 'hello'))
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector, 'trust = "always"')

    await gateway.request('/a/b?token=secret&page=2', {
      method: 'POST',
      body: 'sent',
      headers: { traceparent, tracestate: 'vendor=value', 'user-agent': 'test/1' },
    })

    const [entry, attempt] = await spansOf(gateway, collector, 2)
    expect(entry).toMatchObject({
      traceId,
      parentSpanId: parentId,
      traceState: 'vendor=value',
      flags: 0x301,
      kind: server,
      name: 'POST all',
      failed: false,
      links: [],
      resource: { 'service.name': 'edge', 'deployment.environment.name': 'test' },
    })
    const { port, hostname } = new URL(gateway.url())
    expect(entry?.attributes).toEqual({
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/a/b',
      'url.query': 'page=2',
      'server.address': hostname,
      'server.port': Number(port),
      'client.address': '127.0.0.1',
      'network.protocol.version': '1.1',
      'user_agent.original': 'test/1',
      'http.route': 'all',
      'http.response.status_code': 201,
      'gateway.entrypoint': 'web',
      'gateway.router': 'all',
      'gateway.service': 'app',
      'gateway.received_bytes': 4,
      'gateway.sent_bytes': 5,
    })
    expect(attempt).toMatchObject({
      traceId,
      parentSpanId: entry?.spanId,
      flags: 0x101,
      kind: client,
      name: 'POST',
      failed: false,
    })
    expect(attempt?.attributes).toEqual({
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(upstream.url).port),
      'http.response.status_code': 201,
      'gateway.service': 'app',
      'gateway.backend': upstream.url,
      'gateway.attempt': 1,
    })
    const [got] = upstream.requests
    expect(got?.headerValues('traceparent')).toEqual([`00-${traceId}-${attempt?.spanId}-01`])
    expect(got?.headerValues('tracestate')).toEqual(['vendor=value'])
    expect(collector.requests[0]?.url).toBe('/v1/traces')
    expect(collector.problems).toEqual([])
  })

  it('has a span for each try, and each server sees that of its own', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(503), reply(200)])
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector, 'propagation = ["w3c", "b3", "b3multi"]')

    await gateway.request('/again', { headers: { traceparent } })

    const [entry, ...tries] = await spansOf(gateway, collector, 4)
    expect(entry?.attributes['http.response.status_code']).toBe(200)
    expect(entry?.failed).toBe(false)
    expect(tries.map(({ parentSpanId }) => parentSpanId)).toEqual(tries.map(() => entry?.spanId))
    expect(
      tries.map(({ attributes, failed }) => [
        attributes['gateway.attempt'],
        attributes['http.request.resend_count'],
        attributes['http.response.status_code'],
        attributes['error.type'],
        failed,
      ]),
    ).toEqual([
      [1, undefined, undefined, 'GW_UPSTREAM_RESET', true],
      [2, 1, 503, '503', true],
      [3, 2, 200, undefined, false],
    ])
    const ids = tries.map(({ spanId }) => spanId)
    expect(new Set(ids).size).toBe(3)
    const seen = upstream.requests
    const parents = ids.map((id) => [`00-${traceId}-${id}-01`])
    expect(seen.map((request) => request.headerValues('traceparent'))).toEqual(parents)
    expect(seen.map((request) => request.headerValues('b3'))).toEqual(
      ids.map((id) => [`${traceId}-${id}-1-${entry?.spanId}`]),
    )
    expect(seen.map((request) => request.headerValues('x-b3-spanid'))).toEqual(
      ids.map((id) => [id]),
    )
  })

  it('begins anew for a client that says nothing of one', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector)

    await gateway.request('/')
    await gateway.request('/', { headers: { traceparent: 'invalid', b3: 'invalid' } })

    const spans = await spansOf(gateway, collector, 4)
    const roots = spans.filter(({ kind }) => kind === server)
    expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined])
    expect(new Set(roots.map((span) => span.traceId)).size).toBe(2)
    expect(upstream.requests[1]?.headerValues('b3')).toEqual([])
    expect(upstream.requests[1]?.headerValues('traceparent')[0]).toContain(roots[1]?.traceId)
  })

  it.each([
    { headers: { b3: `${traceId}-${parentId}-1` }, format: 'b3' },
    { headers: { 'x-b3-traceid': traceId, 'x-b3-spanid': parentId }, format: 'x-b3-…' },
  ])('goes on from $format, of which nothing is left', async ({ headers }) => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector)

    await gateway.request('/', { headers })

    const [entry, attempt] = await spansOf(gateway, collector, 2)
    expect(entry).toMatchObject({ traceId, parentSpanId: parentId })
    const [got] = upstream.requests
    expect(got?.headerValues('traceparent')).toEqual([`00-${traceId}-${attempt?.spanId}-01`])
    for (const name of Object.keys(headers)) expect(got?.headerValues(name)).toEqual([])
  })

  it('reaches the server also if the client has Connection name its fields', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector)

    await gateway.request('/', {
      headers: { connection: 'close, TraceParent, x-a', traceparent, 'x-a': '1' },
    })

    const [, attempt] = await spansOf(gateway, collector, 2)
    const [got] = upstream.requests
    expect(got?.headerValues('traceparent')).toEqual([`00-${traceId}-${attempt?.spanId}-01`])
    expect(got?.headerValues('x-a')).toEqual([])
  })

  it('tells how requests ended that no server has seen', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector, '', await deadUrl())

    await gateway.request('/', { headers: { host: 'nobody.test' } })
    await gateway.request('/dead')
    using broken = await connect(gateway.port())
    await broken.send('GET / HTTP/1.1\r\nbroken : x\r\n\r\n')
    await broken.readToEnd()

    const spans = await spansOf(gateway, collector, 4)
    expect(
      spans.map(({ name, kind, failed, attributes }) => [
        name,
        kind,
        failed,
        attributes['http.response.status_code'],
        attributes['error.type'],
      ]),
    ).toEqual([
      ['GET', server, false, 404, 'GW_NO_ROUTE'],
      ['GET dead', server, true, 502, 'GW_UPSTREAM_CONNECT'],
      ['GET', client, true, undefined, 'GW_UPSTREAM_CONNECT'],
      ['HTTP', server, false, 400, expect.stringContaining('GW_HTTP1_')],
    ])
  })

  it('has header fields that are asked for, and no others', async () => {
    await using upstream = await startUpstream(reply(200, { 'x-cache': 'hit', 'set-cookie': 'a' }))
    await using collector = await startCollector()
    await using gateway = await start(
      upstream,
      collector,
      'request_headers = ["X-Tenant"]\n response_headers = ["x-cache"]',
    )

    await gateway.request('/', { headers: { 'x-tenant': 'blue', authorization: 'secret' } })

    const [entry] = await spansOf(gateway, collector, 2)
    expect(entry?.attributes).toMatchObject({
      'http.request.header.x-tenant': ['blue'],
      'http.response.header.x-cache': ['hit'],
    })
    expect(JSON.stringify(entry)).not.toMatch(/secret|cookie/)
  })

  it('has a span for each step of a middleware if all details are wanted', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector, 'detail = "full"')

    await gateway.request('/again')

    const spans = await spansOf(gateway, collector, 3)
    const step = spans.find(({ name }) => name === 'middleware again')
    expect(step).toMatchObject({
      kind: 1,
      parentSpanId: spans.find(({ kind }) => kind === server)?.spanId,
      attributes: { 'gateway.middleware.type': 'retry', 'gateway.phase': 'around' },
    })
  })

  it('has a span for the time that a request waits for a free server', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async (exchange) => {
      if (exchange.target === '/first') await promise
      return reply(200)
    })
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector, 'detail = "full"', undefined, scaling)

    const first = gateway.request('/first')
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
    const second = gateway.request('/second')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(2))
    const since = performance.now()
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(5))
    resolve()
    await Promise.all([first, second])

    const spans = await spansOf(gateway, collector, 5)
    const waits = spans.filter(({ name }) => name === 'queue')
    expect(waits).toHaveLength(1)
    const waited = spans.find(({ attributes }) => attributes['url.path'] === '/second')
    expect(waits[0]).toMatchObject({ parentSpanId: waited?.spanId, kind: 1 })
  })
})
