import { Duplex, PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { defineErrors } from '../src/gateway-error.ts'
import type { PluginGateway } from '../src/plugin.ts'
import { GatewayResponse } from '../src/response.ts'
import type { UpgradedStream, UpgradeFactory } from '../src/upgrade.ts'
import { CollectingSink, PushedSource } from './support/bodies.ts'
import { chainConfig, middlewaresOf, plugin, startMemory } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

const errors = defineErrors({
  GW_CHAT_REFUSED: { status: 400, source: 'client', message: () => 'no chat for you' },
})

describe('a request to switch protocols', () => {
  it('is completed by the plugin of the protocol before it is routed', async () => {
    const chat = upgrading((request) => request.headers.set('chat-key', `for ${request.version}`))
    await using memory = await startMemory({}, [chat])

    await memory.send({ upgrade: 'chat', version: '2' })

    const { headers } = memory.upstream.arrivals[0] ?? {}
    expect(headers?.['chat-key']).toBe('for 2')
  })

  it('is refused by the plugin of the protocol, without the upstream, but not unseen', async () => {
    const seen: unknown[] = []
    const taps = plugin('log', ({ hooks }) => {
      hooks.request.tap('log', () => void seen.push('request'))
      hooks.response.tap('log', (_ctx, response) => void seen.push(response.status))
    })
    const chat = upgrading(() => {
      throw errors.GW_CHAT_REFUSED()
    })
    await using memory = await startMemory({}, [chat, taps])

    const { status } = await memory.send({ upgrade: 'chat' })

    expect([status, memory.upstream.arrivals.length, seen]).toEqual([400, 0, ['request', 400]])
  })

  it.each<[string, UpgradeFactory['begin']]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['waits', () => Promise.reject(new Error('boom'))],
  ])('gets 500 if the plugin %s', async (_how, begin) => {
    await using memory = await startMemory({}, [upgrading(begin)])

    expect((await memory.send({ upgrade: 'chat' })).status).toBe(500)
    expect(memory.logs.find('request failed')).toMatchObject([
      { problem: expect.stringContaining('plugin "chat"') },
    ])
  })

  it('is known by its token only', async () => {
    await using memory = await startMemory({}, [upgrading(() => undefined)])
    const { ingress } = memory.web

    expect(['chat', 'Chat', 'h2c'].map((token) => ingress.knowsUpgrade(token))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('a companion', () => {
  it('is loaded with the protocol that needs it', async () => {
    const loader = new MemoryLoader({ 'companion of protocol http': upgrading(() => undefined) })
    await using memory = await startMemory({}, [], { loader })

    expect(memory.web.ingress.knowsUpgrade('chat')).toBe(true)
    expect(memory.gateway.snapshot.uses('chat')).toBe(true)
  })

  it('that fails refuses the configuration', async () => {
    const broken = plugin('chat', () => {
      throw new Error('no chat today')
    })
    const loader = new MemoryLoader({ 'companion of protocol http': broken })

    await expect(startMemory({}, [], { loader })).rejects.toMatchObject({
      problems: [{ path: ['entrypoints', 'web', 'protocol'], code: 'GW_PLUGIN_SETUP_FAILED' }],
    })
  })
})

describe('a switched connection that is a stream', () => {
  it('takes what the client says and gives what the server says, to the end of both', () => {
    const { server, upgrade } = switched()
    const client = new PushedSource(['hello', ' there'])
    const sink = new CollectingSink()

    upgrade.connect(client)
    upgrade.source.start(sink)

    return server.heard.then((heard) => {
      expect(heard).toBe('hello there')
      server.say('bye')
      server.leave()
      return sink.done.then(() => expect([sink.text, sink.outcome]).toEqual(['bye', 'ended']))
    })
  })

  it('makes a client wait that is faster than the server', async () => {
    const pieces = Array.from({ length: 8 }, () => 'x'.repeat(16 * 1024))
    const client = new PushedSource(pieces)
    const { server, upgrade } = switched()

    upgrade.connect(client)

    expect(client.events).toEqual(['start'])
    expect((await server.heard).length).toBe(8 * 16 * 1024)
    expect(client.events).toContain('resume')
  })

  it('ends in both directions when it is destroyed', async () => {
    const { server, upgrade } = switched()
    const client = new PushedSource([], 'open')
    const sink = new CollectingSink()
    upgrade.connect(client)
    upgrade.source.start(sink)

    upgrade.destroy(new Error('enough'))
    await sink.done

    expect([server.duplex.destroyed, client.cancelled, sink.outcome]).toEqual([
      true,
      true,
      'failed',
    ])
  })

  it('tells the client that the server is gone', async () => {
    const { server, upgrade } = switched()
    const client = new PushedSource([], 'open')
    const sink = new CollectingSink()
    upgrade.connect(client)
    upgrade.source.start(sink)

    server.duplex.destroy()
    await sink.done

    expect([client.cancelled, sink.outcome]).toEqual([true, 'failed'])
  })

  it('is destroyed by a client that breaks off', () => {
    const { server, upgrade } = switched()
    const client = new PushedSource([], 'open')
    upgrade.connect(client)

    client.fail(new Error('gone'))

    expect(server.duplex.destroyed).toBe(true)
  })

  it('that was gone before takes no client', async () => {
    const duplex = new PassThrough()
    const { upgrade } = new GatewayResponse({ status: 101, upgrade: duplex })
    const client = new PushedSource([], 'open')
    duplex.destroy()

    upgrade?.connect(client)

    expect(client.cancelled).toBe(true)
  })
})

describe('a response that switches', () => {
  it('has what a plugin gave in the form that moves, or a wrapper of it', () => {
    const given: UpgradedStream = {
      source: new PushedSource([]),
      connect: () => undefined,
      destroy: () => undefined,
    }
    const response = new GatewayResponse({ status: 101, upgrade: given })
    expect(response.upgrade).toBe(given)

    const wrapper = { ...given }
    response.upgrade = wrapper

    expect(response.upgrade).toBe(wrapper)
  })

  it('ends the connection when it is discarded', () => {
    const duplex = new PassThrough()
    const response = new GatewayResponse({ status: 101, upgrade: duplex })

    response.discard()

    expect([duplex.destroyed, response.upgrade]).toEqual([true, undefined])
  })

  it('ends the connection when a middleware fails after it', async () => {
    const duplex = new PassThrough()
    const failing = middlewaresOf({
      m: () => ({
        onResponse: () => {
          throw new Error('boom')
        },
      }),
    })
    await using memory = await startMemory(chainConfig({ m: { type: 'm' } }), [failing])
    memory.upstream.respond = () => new GatewayResponse({ status: 101, upgrade: duplex })

    const { status } = await memory.send({ upgrade: 'chat' })

    expect([status, duplex.destroyed]).toEqual([502, true])
  })
})

function upgrading(begin: UpgradeFactory['begin']) {
  return plugin('chat', (gateway: PluginGateway) =>
    gateway.upgrades.register({ type: 'chat', begin }),
  )
}

/** A server and the connection to it behind a 101. */
function switched(): { server: ChatServer; upgrade: UpgradedStream } {
  const server = new ChatServer()
  const { upgrade } = new GatewayResponse({ status: 101, upgrade: server.duplex })
  if (upgrade === undefined) throw new Error('the response has no connection')
  return { server, upgrade }
}

class ChatServer {
  readonly duplex: Duplex
  /** What the client said, once it has ended. */
  readonly heard: Promise<string>

  constructor() {
    let text = ''
    const ended = Promise.withResolvers<string>()
    this.heard = ended.promise
    this.duplex = new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        text += String(chunk)
        setImmediate(done)
      },
      final: (done) => {
        ended.resolve(text)
        done()
      },
    })
  }

  say(text: string): void {
    this.duplex.push(text)
  }

  leave(): void {
    this.duplex.push(null)
  }
}
