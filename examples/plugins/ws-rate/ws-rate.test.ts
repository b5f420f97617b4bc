import { definePlugin, type GatewayConfigInput, type Noted, notes } from '@gatewright/kernel'
import { createTestGateway, fakeUpstream, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from './index.ts'

const plugins = [plugin]
/** Nothing comes back while a test runs. */
const period = '1h'

it('closes a connection that says too much, for both ends', async () => {
  const chat = fakeUpstream.ws((message) => message)
  const config = limited({ rate: 3, period })
  await using gateway = await createTestGateway({ plugins, config, upstreams: { chat } })
  using socket = await gateway.ws('/')
  using other = await gateway.ws('/')

  for (const text of ['1', '2', '3', '4']) socket.send(text)

  const expected = { code: 1008, reason: 'too many messages' }
  expect(await socket.closed).toEqual(expected)
  expect(await chat.calls[0]?.closed).toEqual(expected)
  expect(chat.calls[0]?.messages).toEqual(['1', '2', '3'])
  expect(await other.ask('hello')).toBe('hello')
})

it('has the connections of a client share a limit of their own', async () => {
  const chat = fakeUpstream.ws((message) => message)
  const client = { rate: 2, burst: 3, period, key: 'header:x-user' }
  const config = limited({ rate: 100, period, client })
  await using gateway = await createTestGateway({ plugins, config, upstreams: { chat } })
  const ann = { headers: { 'x-user': 'ann' } }
  using one = await gateway.ws('/', ann)
  using two = await gateway.ws('/', ann)
  using other = await gateway.ws('/', { headers: { 'x-user': 'bob' } })

  for (const socket of [one, two, one]) await socket.ask('hello')
  two.send('one too many')

  const reason = 'too many messages from this client'
  expect(await two.closed).toEqual({ code: 1008, reason })
  expect(await other.ask('hello')).toBe('hello')
})

it('remembers what a client has said over reloads', async () => {
  const chat = fakeUpstream.ws((message) => message)
  const config = limited({ rate: 100, period, client: { rate: 1, period } })
  await using gateway = await createTestGateway({ plugins, config, upstreams: { chat } })
  using before = await gateway.ws('/')
  await before.ask('hello')

  await gateway.reload()
  using after = await gateway.ws('/')
  after.send('hello again')

  expect(await after.closed).toMatchObject({ code: 1008 })
})

it('closes with 1009 for a message that is too large, and lets the service say what it likes', async () => {
  const chat = fakeUpstream.ws((message) => `${message.toString()}, and much more`)
  const config = limited({ rate: 100, max_message_bytes: 5 })
  await using gateway = await createTestGateway({ plugins, config, upstreams: { chat } })
  using socket = await gateway.ws('/')

  expect(await socket.ask('hello')).toBe('hello, and much more')
  socket.send('hello!')

  const expected = { code: 1009, reason: 'message too big' }
  expect(await socket.closed).toEqual(expected)
  expect(await chat.calls[0]?.closed).toEqual(expected)
})

it('counts, and tells the log how many messages there were and how it ended', async () => {
  const logged = Promise.withResolvers<Readonly<Record<string, Noted>> | undefined>()
  const chat = fakeUpstream.ws((message) => message)
  await using gateway = await createTestGateway({
    plugins: [plugin, onFinish(logged.resolve)],
    config: limited({ rate: 2, period }, 'counted'),
    upstreams: { chat },
  })
  using socket = await gateway.ws('/')

  for (const text of ['1', '2', '3']) socket.send(text)

  expect(await logged.promise).toEqual({ messages: 3, close_code: 1008 })
  const count = (outcome: string): Promise<number | undefined> =>
    gateway.metrics.get('gateway_ws_rate_messages_total', { middleware: 'counted', outcome })
  expect([await count('passed'), await count('refused')]).toEqual([2, 1])
})

it('closes nobody in a dry run', async () => {
  const chat = fakeUpstream.ws((message) => message)
  const config = limited({ rate: 1, period, max_message_bytes: 1, dry_run: true })
  await using gateway = await createTestGateway({ plugins, config, upstreams: { chat } })
  using socket = await gateway.ws('/')

  const answers = [await socket.ask('one'), await socket.ask('two')]

  expect(answers).toEqual(['one', 'two'])
  expect(gateway.logs.find({ msg: /^dry run/ })).toHaveLength(3)
})

it('runs from its configuration', async () => {
  const chat = fakeUpstream.ws((message) => message)
  const config = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config, upstreams: { chat } })
  using socket = await gateway.ws('/')

  expect(await socket.ask('hello')).toBe('hello')
  socket.send('x'.repeat(16 * 1024 + 1))

  expect(await socket.closed).toMatchObject({ code: 1009 })
})

await runPluginContract(plugin, {
  valid: [{ rate: 5 }, { rate: 5, burst: 10, client: { rate: 300, period: '1m' } }],
  invalid: [{}, { rate: 0 }, { rate: 5, client: {} }, { rate: 5, client: { rate: 1, key: 'me' } }],
})

/** A gateway for the service `chat`, with one limit. */
function limited(options: Readonly<Record<string, unknown>>, name = 'tested'): GatewayConfigInput {
  return {
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'chat', middlewares: [name] } },
    middlewares: { [name]: { type: 'ws-rate', ...options } },
  }
}

/** Tells what the access log would say. */
function onFinish(
  tell: (fields: Readonly<Record<string, Noted>> | undefined) => void,
): ReturnType<typeof definePlugin> {
  return definePlugin({
    name: 'finish',
    setup: ({ hooks }) => hooks.finish.tap('finish', (ctx) => tell(ctx.get(notes))),
  })
}
