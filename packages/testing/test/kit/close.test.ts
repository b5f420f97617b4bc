import { definePlugin, type Plugin } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { chunked, createTestGateway, fakeUpstream, type HttpFake } from '../../src/index.ts'

describe('closing a test gateway', () => {
  it('leaves connections alone that fetch of Node keeps for later', async () => {
    const other = fakeUpstream.http({ body: 'hello' })
    await using gw = await createTestGateway({
      plugins: [asking(other, (response) => response.text())],
      upstreams: { other },
    })

    const { headers } = await gw.inject()
    expect(headers['x-other']).toBe('hello')
    expect(other.connections.open).toBeGreaterThan(0)

    await gw.close()
  })

  it('throws for a fetch that goes on', async () => {
    const go = Promise.withResolvers<void>()
    async function* slowly(): AsyncGenerator<string> {
      yield 'a'
      await go.promise
    }
    await using other = fakeUpstream.http(chunked(200, {}, slowly))
    await other.start()
    const got: Response[] = []
    const plugin = asking(other, (response) => {
      got.push(response)
      return 'head'
    })
    const gw = await createTestGateway({ plugins: [plugin] })
    await gw.inject()

    await expect(gw.close()).rejects.toThrow(/left behind: TCPWRAP/)
    go.resolve()
    expect(await got[0]?.text()).toBe('a')
  })

  it('throws if a plugin left a timer running, and says where', async () => {
    const timers: NodeJS.Timeout[] = []
    const leaking = definePlugin({
      name: 'leaking',
      setup: (gateway) =>
        gateway.hooks.activate.tap('leaking', () => {
          timers.push(setInterval(() => undefined, 1000))
        }),
    })
    const gw = await createTestGateway({ plugins: [leaking] })

    await expect(gw.close()).rejects.toThrow(/Timeout \(.*close\.test\.ts:\d+/)
    for (const timer of timers) clearInterval(timer)
  })

  it('keeps quiet about it if told so', async () => {
    const timers: NodeJS.Timeout[] = []
    const leaking = definePlugin({
      name: 'leaking',
      setup: () => void timers.push(setInterval(() => undefined, 1000)),
    })
    const gw = await createTestGateway({ plugins: [leaking], strict: false })

    await expect(gw.close()).resolves.toBeUndefined()
    for (const timer of timers) clearInterval(timer)
  })

  it('closes the fakes, and throws what they complain about', async () => {
    const api = fakeUpstream.http(() => {
      throw new Error('not like this')
    })
    const gw = await createTestGateway({ upstreams: { api } })
    await gw.inject()

    await expect(gw.close()).rejects.toThrow('not like this')
    await expect(isListening(api)).resolves.toBe(false)
  })
})

/** A plugin that asks a server itself whenever a request comes. */
function asking(other: HttpFake, read: (response: Response) => string | Promise<string>): Plugin {
  return definePlugin({
    name: 'asking',
    setup: (gateway) =>
      gateway.hooks.response.tapPromise('asking', async (_, response) => {
        const answer = await fetch(other.url)
        response.headers.set('x-other', await read(answer))
        return undefined
      }),
  })
}

async function isListening(fake: HttpFake): Promise<boolean> {
  try {
    await fetch(fake.url)
    return true
  } catch {
    return false
  }
}
