import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { writeProxyHeader } from '../src/proxy-header-writer.ts'
import { hello } from './hellos.ts'
import { configFor, dial, type Received, receive, startServer } from './servers.ts'

const trusting = { proxy_protocol: { trusted_ips: ['127.0.0.2'] } }
const ends = {
  sourceAddress: '203.0.113.9',
  sourcePort: 1234,
  destinationAddress: '198.51.100.1',
  destinationPort: 443,
}

describe('a trusted proxy', () => {
  it.each(['v1', 'v2'] as const)(
    'says who the client is, and no server sees that: %s',
    async (version) => {
      await using server = await startServer()
      const clients = { type: 'ip-allow', allowed_ips: ['203.0.113.9'] }
      await using gateway = await startGateway(
        configFor([server.url], {
          entrypoint: trusting,
          router: { middlewares: ['clients'] },
          rest: { middlewares: { clients } },
        }),
      )
      const header = writeProxyHeader(version, ends)

      const answer = await say(gateway.port(), Buffer.concat([header, Buffer.from('hello')]))
      const other = writeProxyHeader(version, { ...ends, sourceAddress: '203.0.113.8' })
      const refused = await say(gateway.port(), Buffer.concat([other, Buffer.from('hello')]))

      expect([answer.text, refused.text]).toEqual(['hello', ''])
    },
  )

  it('may say it byte by byte, in front of a ClientHello', async () => {
    await using server = await startServer()
    const config = configFor([server.url], {
      entrypoint: trusting,
      router: { rule: 'HostSNI(`a.test`) && ClientIP(`203.0.113.9`)' },
    })
    await using gateway = await startGateway(config)
    const said = hello({ name: 'a.test' })

    const client = await dial(gateway.port(), '127.0.0.2')
    const received = receive(client)
    for (const byte of Buffer.concat([writeProxyHeader('v2', ends), said])) {
      await new Promise((resolve) => void client.write(Buffer.from([byte]), resolve))
    }
    client.end()

    expect(await received).toMatchObject({ text: said.toString(), ending: 'end' })
  })

  it('may speak for itself', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(
      configFor([server.url], { entrypoint: { ...trusting, max_connections_per_ip: 1 } }),
    )
    const bytes = Buffer.concat([writeProxyHeader('v2', undefined), Buffer.from('hello')])

    const answers = await Promise.all([1, 2, 3].map(() => say(gateway.port(), bytes)))

    expect(answers.map(({ text }) => text)).toEqual(['hello', 'hello', 'hello'])
  })

  it('is not let in without a header', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configFor([server.url], { entrypoint: trusting }))

    const answer = await say(gateway.port(), Buffer.from('hello, this is no header'))

    expect(answer.text).toBe('')
    expect(server.sockets).toHaveLength(0)
    expect(gateway.logs.find({ msg: 'no valid PROXY header', level: 'warn' })).toHaveLength(1)
  })

  it('is not waited for longer than the timeout says', async () => {
    await using server = await startServer()
    const entrypoint = { proxy_protocol: { trusted_ips: ['127.0.0.2'], timeout: '20ms' } }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    const client = await dial(gateway.port(), '127.0.0.2')
    client.write('PROXY ')

    const answer = await receive(client)

    expect(answer.text).toBe('')
    client.end()
  })
})

describe('others', () => {
  it('are not asked for a header, and what looks like one goes to the server', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configFor([server.url], { entrypoint: trusting }))
    const header = writeProxyHeader('v1', ends)

    const answer = await say(gateway.port(), header, '127.0.0.3')

    expect(answer.text).toBe(header.toString())
  })

  it('are, with insecure', async () => {
    await using server = await startServer()
    const entrypoint = { proxy_protocol: { insecure: true } }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    const bytes = Buffer.concat([writeProxyHeader('v1', ends), Buffer.from('hello')])

    expect((await say(gateway.port(), bytes, '127.0.0.3')).text).toBe('hello')
  })
})

describe('tcp-filter', () => {
  it('looks at the address that a trusted proxy names', async () => {
    await using server = await startServer()
    const entrypoint = { ...trusting, tcp_denied_ips: ['203.0.113.9'] }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))

    const answers = [
      await say(gateway.port(), bytesFrom('203.0.113.9')),
      await say(gateway.port(), bytesFrom('203.0.113.10')),
    ]

    expect(answers.map(({ text }) => text)).toEqual(['', 'hello'])
  })

  it('counts the clients behind a proxy each by itself', async () => {
    await using server = await startServer()
    const entrypoint = { ...trusting, max_connections_per_ip: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    const header = writeProxyHeader('v2', ends)
    const first = await dial(gateway.port(), '127.0.0.2')
    first.write(header)
    await server.next()

    const same = await say(gateway.port(), header)
    const other = await say(gateway.port(), bytesFrom('203.0.113.10'))

    expect([same.ending === 'end' && same.text, other.text]).toEqual(['', 'hello'])
    expect(server.sockets).toHaveLength(2)
    first.destroy()
  })
})

describe('proxy_protocol in a service', () => {
  it.each(['v1', 'v2'] as const)('tells the servers who the client is: %s', async (version) => {
    await using server = await startServer()
    const balancer = { proxy_protocol: version }
    await using gateway = await startGateway(configFor([server.url], { balancer }))

    const client = await dial(gateway.port(), '127.0.0.3')
    const { localPort = 0 } = client
    const received = receive(client)
    client.end('hello')

    const header = writeProxyHeader(version, {
      sourceAddress: '127.0.0.3',
      sourcePort: localPort,
      destinationAddress: '127.0.0.1',
      destinationPort: gateway.port(),
    })
    expect((await received).text).toBe(`${header.toString()}hello`)
  })

  it('passes on what another proxy said', async () => {
    await using server = await startServer()
    const config = configFor([server.url], {
      entrypoint: trusting,
      balancer: { proxy_protocol: 'v1' },
    })
    await using gateway = await startGateway(config)
    const bytes = Buffer.concat([writeProxyHeader('v2', ends), Buffer.from('hello')])

    const answer = await say(gateway.port(), bytes)

    expect(answer.text).toBe('PROXY TCP4 203.0.113.9 198.51.100.1 1234 443\r\nhello')
  })
})

async function say(port: number, bytes: Buffer, from = '127.0.0.2'): Promise<Received> {
  const client = await dial(port, from)
  const received = receive(client)
  client.end(bytes)
  return received
}

/** A greeting by a client behind a proxy. */
function bytesFrom(sourceAddress: string): Buffer {
  return Buffer.concat([writeProxyHeader('v2', { ...ends, sourceAddress }), Buffer.from('hello')])
}
