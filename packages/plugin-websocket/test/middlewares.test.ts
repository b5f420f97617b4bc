import { gatewayFile, poolFile, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { refused, speak, startTalker } from './talk.ts'

describe('a handshake that a middleware refuses', () => {
  it.each([
    ['basic-auth', 401, 'type = "basic-auth"\n users = ["ann:{PLAIN}secret"]'],
    ['ip-allow', 403, 'type = "ip-allow"\n allowed_ips = ["192.0.2.1"]'],
    ['redirect', 308, 'type = "redirect"\n scheme = "https"\n status = 308'],
    ['rate-limit', 429, 'type = "rate-limit"\n algorithm = "concurrency"\n rate = 1'],
  ])('with %s gets %i, and reaches no server', async (name, status, middleware) => {
    await using talker = await startTalker()
    await using gateway = await startGateway(gatewayFile(talker.url, middleware))
    const held = name === 'rate-limit' ? [await speak(gateway)] : []

    expect((await refused(gateway)).status).toBe(status)

    expect(talker.asked).toHaveLength(held.length)
    for (const speaker of held) speaker.socket.terminate()
  })

  it('after failures of the server gets 503 from a circuit breaker', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await startGateway(
      gatewayFile(upstream.url, 'type = "circuit-breaker"\n failure_threshold = 2'),
    )

    const statuses: (number | undefined)[] = []
    for (let i = 0; i < 3; i++) statuses.push((await refused(gateway)).status)

    expect(statuses).toEqual([500, 500, 503])
    expect(upstream.requests).toHaveLength(2)
  })
})

describe('a conversation', () => {
  it.each([
    ['compress', 'type = "compress"'],
    ['cors', 'type = "cors"'],
    ['body-limit', 'type = "body-limit"\n max_body_bytes = 1'],
    ['circuit-breaker', 'type = "circuit-breaker"\n failure_threshold = 1'],
    ['retry', 'type = "retry"\n max_retries = 3'],
    ['headers', 'type = "headers"\n response_headers = { x-added = "yes" }'],
    ['strip-prefix', 'type = "strip-prefix"\n prefixes = ["/room"]'],
  ])('goes through %s as it is', async (_name, middleware) => {
    await using talker = await startTalker()
    await using gateway = await startGateway(gatewayFile(talker.url, middleware))
    const headers = { Origin: 'https://chat.example', 'Accept-Encoding': 'gzip, br' }
    using speaker = await speak(gateway, { path: '/room/7', headers })

    speaker.socket.send('x'.repeat(10_000))

    expect((await speaker.hear()).length).toBe(10_000)
    expect(talker.asked).toHaveLength(1)
  })

  it('has what middlewares change in its handshake, both ways', async () => {
    await using talker = await startTalker()
    const middleware = `type = "headers"
      request_headers  = { x-asked = "yes" }
      response_headers = { x-answered = "yes" }`
    await using gateway = await startGateway(gatewayFile(talker.url, middleware))

    using speaker = await speak(gateway)

    expect(talker.asked[0]?.headers['x-asked']).toBe('yes')
    expect(speaker.headers['x-answered']).toBe('yes')
  })

  it('is not mirrored', async () => {
    await using talker = await startTalker()
    await using shadow = await startUpstream()
    const service = 'mirror {\n service = "shadow"\n }'
    const blocks = `services "shadow" {
      load_balancer { servers = [{ url = "${shadow.url}" }] }
    }`
    await using gateway = await startGateway(poolFile([talker.url], { service, blocks }))

    using speaker = await speak(gateway)
    await gateway.request('/')
    await vi.waitFor(() => expect(shadow.requests).toHaveLength(1))

    expect(speaker.socket.readyState).toBe(speaker.socket.OPEN)
    expect(shadow.requests[0]?.headers).not.toHaveProperty('sec-websocket-key')
  })
})
