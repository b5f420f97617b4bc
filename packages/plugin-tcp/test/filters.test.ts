import { definePlugin, type Refusal, type StreamContext } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, dial, type Received, receive, startServer } from './servers.ts'

describe('tcp-filter', () => {
  it('bounds the connections of an entrypoint', async () => {
    await using server = await startServer()
    const entrypoint = { max_connections: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    const first = await dial(gateway.port())
    await server.next()

    const refused = await ask(gateway.port())
    first.end()
    await receive(first)
    const served = await ask(gateway.port())

    expect([refused.text, served.text]).toEqual(['', 'hello'])
  })

  it('bounds the connections of one client, also of those that say nothing', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(
      configFor([server.url], {
        entrypoint: { max_connections_per_ip: 1, hello_timeout: '1h' },
        router: { rule: 'HostSNI(`*`) || HostSNI(`a.test`)' },
      }),
    )
    const silent = await dial(gateway.port(), '127.0.0.2')

    const answers = [await ask(gateway.port(), '127.0.0.2'), await ask(gateway.port(), '127.0.0.3')]

    expect(answers.map(({ text }) => text)).toEqual(['', 'hello'])
    silent.destroy()
  })

  it('says who may connect', async () => {
    await using server = await startServer()
    const entrypoint = { tcp_denied_ips: ['127.0.0.2'] }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))

    const answers = [await ask(gateway.port(), '127.0.0.2'), await ask(gateway.port(), '127.0.0.3')]

    expect(answers.map(({ text }) => text)).toEqual(['', 'hello'])
    expect(server.sockets).toHaveLength(1)
  })

  it('resets what it refuses if told to', async () => {
    await using server = await startServer()
    const entrypoint = { tcp_denied_ips: ['127.0.0.2'], reset_refused: true }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))

    // The reset may come before the client knows that it is connected.
    const ending = await ask(gateway.port(), '127.0.0.2').then(
      (answer) => answer.ending,
      (error: NodeJS.ErrnoException) => error.code,
    )

    expect(ending).toBe('ECONNRESET')
  })
})

describe('the middlewares of a router', () => {
  it('may refuse connections', async () => {
    await using server = await startServer()
    const config = configFor([server.url], {
      router: { middlewares: ['office'] },
      rest: { middlewares: { office: { type: 'ip-allow', allowed_ips: ['127.0.0.3'] } } },
    })
    await using gateway = await startGateway(config)

    const answers = [await ask(gateway.port(), '127.0.0.2'), await ask(gateway.port(), '127.0.0.3')]

    expect(answers.map(({ text }) => text)).toEqual(['', 'hello'])
    expect(server.sockets).toHaveLength(1)
  })

  it('may take their time, in which a client may leave', async () => {
    const seen = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<undefined>()
    const slow = filterPlugin('slow', () => {
      seen.resolve()
      return answer.promise
    })
    await using server = await startServer()
    await using gateway = await startGateway(filtered(server.url, 'slow'), { plugins: [slow] })
    const client = await dial(gateway.port())
    await seen.promise

    client.resetAndDestroy()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    answer.resolve(undefined)
    const other = await ask(gateway.port())

    expect(other.text).toBe('hello')
    expect(server.sockets).toHaveLength(1)
  })

  it('cost one connection when they fail', async () => {
    let fails = true
    const broken = filterPlugin('broken', () => {
      if (fails) throw new Error('no')
      return undefined
    })
    await using server = await startServer()
    await using gateway = await startGateway(filtered(server.url, 'broken'), { plugins: [broken] })

    const failed = await ask(gateway.port())
    fails = false
    const served = await ask(gateway.port())

    expect([failed.text, served.text]).toEqual(['', 'hello'])
  })

  it('are refused if they only know requests', async () => {
    const config = configFor(['tcp://127.0.0.1:9'], {
      router: { middlewares: ['again'] },
      rest: { middlewares: { again: { type: 'retry' } } },
    })

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [
        {
          message:
            'middleware "again" does nothing for routers of kind "stream": it has no onConnection',
        },
      ],
    })
  })
})

async function ask(port: number, from?: string): Promise<Received> {
  const client = await dial(port, from)
  const received = receive(client)
  client.end('hello')
  return received
}

function filtered(url: string, type: string): ReturnType<typeof configFor> {
  return configFor([url], {
    router: { middlewares: ['only'] },
    rest: { middlewares: { only: { type } } },
  })
}

function filterPlugin(
  type: string,
  onConnection: (ctx: StreamContext) => Promise<Refusal | undefined> | Refusal | undefined,
): ReturnType<typeof definePlugin> {
  return definePlugin({
    name: type,
    setup({ middlewares }) {
      middlewares.register({
        type,
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => ({ onConnection }),
      })
    },
  })
}
