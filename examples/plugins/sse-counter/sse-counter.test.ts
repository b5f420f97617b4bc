import { notes } from '@gatewright/kernel'
import { chunked, createTestGateway, fakeUpstream, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from './index.ts'

const config = { middlewares: { tested: { type: 'sse-counter' } } }
const events = { 'content-type': 'text/event-stream' }

it.each([
  ['whole', ['data: a\n\ndata: b\ndata: c\n\n']],
  ['byte by byte', 'data: a\n\ndata: b\ndata: c\n\n'.split('')],
])('numbers events that come %s', async (_, pieces) => {
  const app = fakeUpstream.http(chunked(200, events, pieces))
  await using gateway = await createTestGateway({ plugins: [plugin], config, upstreams: { app } })

  const response = await gateway.inject()

  expect(response.text).toBe('data: a\n\n: 1\ndata: b\ndata: c\n\n: 2\n')
  expect(response.ctx.get(notes)).toEqual({ events: 2 })
})

it('passes an event on before there is another one', async () => {
  const more = Promise.withResolvers<void>()
  const app = fakeUpstream.http(
    chunked(200, events, async function* () {
      yield 'data: a\r\n\r\n'
      await more.promise
      yield 'data: b\r\n\r\n'
    }),
  )
  await using gateway = await createTestGateway({ plugins: [plugin], config, upstreams: { app } })

  const response = await gateway.stream('/')
  let text = ''
  for await (const piece of response) {
    text += piece
    if (text.endsWith(': 1\n')) more.resolve()
  }

  expect(text).toBe('data: a\r\n\r\n: 1\ndata: b\r\n\r\n: 2\n')
})

it('leaves other bodies alone', async () => {
  await using gateway = await createTestGateway({ plugins: [plugin], config })
  gateway.upstream.behave({ status: 200, body: 'a\n\nb\n\n' })

  expect((await gateway.inject()).text).toBe('a\n\nb\n\n')
})

it('runs from its configuration', async () => {
  const app = fakeUpstream.http(chunked(200, events, ['data: a\n\n']))
  const file = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config: file, upstreams: { app } })

  expect(await (await gateway.fetch('/')).text()).toBe('data: a\n\n: 1\n')
})

await runPluginContract(plugin, { valid: [{}], invalid: [{ count: 1 }] })
