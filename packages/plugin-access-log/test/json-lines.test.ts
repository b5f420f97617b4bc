import { definePlugin, note, RequestContext } from '@gatewright/kernel'
import {
  closeBeforeResponse,
  poolFile,
  reply,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { JsonLines } from '../src/json-lines.ts'
import type { AccessLogOptions } from '../src/options.ts'

const usual: AccessLogOptions = {
  output: 'stdout',
  format: 'json',
  drop: [],
  include_query: false,
  redact_query: [],
  headers: { request: ['x-tenant'], response: ['x-cache'], redact: [] },
  status_codes: [],
  min_duration: 0,
  sample_rate: 1,
  exclude_paths: [],
  exclude_routers: [],
  buffer_bytes: 4096,
}
const silent = { warn: () => undefined }
const whole = new JsonLines(usual, silent)
/** Has to look at each field by itself. */
const single = new JsonLines({ ...usual, drop: ['nothing'] }, silent)

describe('a line of JSON', () => {
  it('is the same whether it is put together as a whole or field by field', async () => {
    const pairs: [string, string][] = []
    const comparing = definePlugin({
      name: 'comparing',
      setup: ({ hooks }) => {
        hooks.request.tap('comparing', (ctx) => {
          if (ctx.request.path === '/noted') note(ctx, 'country', 'DK')
          if (ctx.request.path === '/in-vain') note(ctx, 'status', 'another')
          return undefined
        })
        hooks.finish.tap('comparing', (ctx) => {
          if (!(ctx instanceof RequestContext)) return
          pairs.push([whole.ofRequest(ctx, 1e9), single.ofRequest(ctx, 1e9)])
        })
      },
    })
    await using upstream = await startUpstream([
      closeBeforeResponse(),
      reply(200, { 'x-cache': 'hit' }, 'hello'),
    ])
    await using gateway = await startGateway(
      poolFile([upstream.url], {
        middlewares: ['again', 'login', 'prefix'],
        blocks: `
          middlewares "again" {\n type = "retry"\n }
          middlewares "login" {\n type = "api-key"\n consumers = { ann = ["0123456789abcdef"] }\n }
          middlewares "prefix" {\n type = "add-prefix"\n prefix = "/a"\n }`,
      }).replace(/address = .*/, '$&\n forwarded_headers {\n trusted_ips = ["127.0.0.1"]\n }'),
      { plugins: [comparing] },
    )
    const headers = {
      'x-api-key': '0123456789abcdef',
      'x-tenant': 'a "quoted" one',
      'user-agent': 'ä\\',
      'x-forwarded-for': '203.0.113.9',
    }

    for (const path of ['/retried', '/plain?x', '/noted', '/in-vain']) {
      await gateway.request(path, { headers })
    }
    await gateway.request('/refused')

    await vi.waitFor(() => expect(pairs).toHaveLength(5))
    for (const [a, b] of pairs) expect(a).toBe(b)
    const told = pairs.map(([line]) => JSON.parse(line) as Record<string, unknown>)
    const [retried, , noted, inVain, refused] = told
    expect(retried).toMatchObject({
      attempts: [{ status: null }, { status: 200 }],
      client_ip: '203.0.113.9',
      peer_ip: '127.0.0.1',
      upstream_path: '/a/retried',
      user: 'ann',
      user_agent: 'ä\\',
      request_headers: { 'x-tenant': 'a "quoted" one' },
      response_headers: { 'x-cache': 'hit' },
    })
    expect(noted).toMatchObject({ country: 'DK', status: 200 })
    expect(inVain).toMatchObject({ status: 200 })
    expect(refused).toMatchObject({ status: 401, responded_by: 'middleware "login"' })
  })
})
