import { definePlugin, type GatewayConfigInput, notes } from '@gatewright/kernel'
import { chunked, createTestGateway, fakeUpstream, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from './index.ts'

const plugins = [plugin]
const usage = {
  prompt_tokens: 9,
  completion_tokens: 12,
  total_tokens: 21,
  completion_tokens_details: { reasoning_tokens: 5 },
}
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
const stream = [
  event({ choices: [{ delta: { content: 'Grüß' } }] }),
  event({ choices: [{ delta: { content: ' dich' } }] }),
  event({ choices: [], usage }),
  'data: [DONE]\n\n',
]

it('counts what a whole answer says', async () => {
  const models = fakeUpstream.http({ json: { choices: [{ message: { content: 'Hi' } }], usage } })
  await using gateway = await createTestGateway({
    plugins,
    config: counting('whole'),
    upstreams: { models },
  })

  const response = await gateway.inject('/v1/chat/completions')

  expect(response.json()).toMatchObject({ usage: { total_tokens: 21 } })
  expect(response.ctx.get(notes)).toEqual({ tokens: 21 })
  const labels = { tenant: 'whole', kind: 'completion' }
  expect(await gateway.metrics.get('gateway_openai_tokens_total', labels)).toBe(12)
})

it.each([
  ['event by event', stream],
  ['byte by byte', [...Buffer.from(stream.join(''))].map((byte) => Buffer.of(byte))],
])('counts a stream that comes %s, and passes it on as it is', async (_, pieces) => {
  const models = fakeUpstream.http(chunked(200, { 'content-type': 'text/event-stream' }, pieces))
  await using gateway = await createTestGateway({
    plugins,
    config: counting('stream'),
    upstreams: { models },
  })

  const response = await gateway.inject('/v1/chat/completions')

  expect(response.text).toBe(stream.join(''))
  expect(response.ctx.get(notes)).toEqual({ tokens: 21 })
})

it('has counted by the time that logs are written', async () => {
  const logged = Promise.withResolvers<unknown>()
  const log = definePlugin({
    name: 'log',
    setup: ({ hooks }) => hooks.finish.tap('log', (ctx) => logged.resolve(ctx.get(notes))),
  })
  const models = fakeUpstream.http({ json: { usage } })
  await using gateway = await createTestGateway({
    plugins: [log, plugin],
    config: counting('logged'),
    upstreams: { models },
  })

  await gateway.inject('/v1/chat/completions')

  expect(await logged.promise).toEqual({ tokens: 21 })
})

it('does not count what says nothing of tokens', async () => {
  const models = fakeUpstream.http([
    { body: 'x'.repeat(100_000) },
    { status: 500, json: { usage } },
  ])
  await using gateway = await createTestGateway({
    plugins,
    config: counting('none'),
    upstreams: { models },
  })

  const responses = [await gateway.inject('/v1/models'), await gateway.inject('/v1/models')]

  expect(responses.map(({ ctx }) => ctx.get(notes))).toEqual([undefined, undefined])
})

it('runs from its configuration', async () => {
  const models = fakeUpstream.http({ json: { usage } })
  const config = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config, upstreams: { models } })

  await gateway.fetch('/v1/chat/completions').then((response) => response.text())

  const labels = { tenant: 'research', kind: 'prompt' }
  expect(await gateway.metrics.get('gateway_openai_tokens_total', labels)).toBe(9)
})

await runPluginContract(plugin, { valid: [{}, { tenant: 'a' }], invalid: [{ tenant: 1 }] })

function counting(tenant: string): GatewayConfigInput {
  return {
    routers: { models: { rule: 'PathPrefix(`/v1/`)', service: 'models', middlewares: ['count'] } },
    middlewares: { count: { type: 'openai-tokens', tenant } },
  }
}
