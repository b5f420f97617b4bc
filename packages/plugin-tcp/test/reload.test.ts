import type { GatewayConfigInput } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { hello } from './hellos.ts'
import { configFor, dial, readBytes, receive, startServer } from './servers.ts'

describe('a reload', () => {
  it('leaves connections alone whose route is the same', async () => {
    await using server = await startServer()
    const config = configFor([server.url])
    await using gateway = await startGateway(config)
    const client = await dial(gateway.port())
    client.write('before ')
    await readBytes(client, 7)

    await gateway.reload({ ...config, middlewares: { unused: allowing('127.0.0.1') } })
    client.write('after ')
    expect(await readBytes(client, 6)).toBe('after ')

    // Nothing of the configuration before is left, though the connection began with it.
    expect(gateway.gateway.liveSnapshots).toBe(1)
    client.end()
    await receive(client)
  })

  it('gives those whose route changed a bounded time', async () => {
    await using server = await startServer()
    await using other = await startServer((socket) => void socket.end('other'))
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    client.write('before')
    await readBytes(client, 6)
    const received = receive(client)

    await gateway.reload(configFor([other.url]))
    const next = await dial(gateway.port())

    expect(await receive(next)).toMatchObject({ text: 'other' })
    next.end()
    // The server hears that nothing more comes, and ends as well.
    expect(await received).toMatchObject({ ending: 'end' })
    client.end()
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })

  it('gives those of an entrypoint that is gone a bounded time', async () => {
    await using server = await startServer()
    const config = configFor([server.url])
    await using gateway = await startGateway(config)
    const port = gateway.port()
    const client = await dial(port)
    client.write('before')
    await readBytes(client, 6)
    const received = receive(client)

    const elsewhere = { elsewhere: { protocol: 'tcp', address: '127.0.0.1:0' } }
    await gateway.reload({ ...config, entrypoints: elsewhere })

    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await received).toMatchObject({ ending: 'end' })
    client.end()
  })

  it('holds for the connections that come after it, at the same address', async () => {
    await using server = await startServer()
    const config = configFor([server.url], { entrypoint: { hello_timeout: '1h' } })
    await using gateway = await startGateway(config)
    const port = gateway.port()
    const router = { rule: 'HostSNI(`a.test`)' }

    await gateway.reload(configFor([server.url], { entrypoint: { hello_timeout: '1s' }, router }))
    const known = await dial(port)
    const answers = [receive(known)]
    const said = hello({ name: 'a.test' })
    known.end(said)
    const unknown = await dial(port)
    answers.push(receive(unknown))
    unknown.end('hello')

    const [first, second] = await Promise.all(answers)
    expect(gateway.port()).toBe(port)
    expect([first?.bytes, second?.bytes]).toEqual([said.length, 0])
  })
})

function allowing(address: string): GatewayConfigInput[string] {
  return { type: 'ip-allow', allowed_ips: [address] }
}
