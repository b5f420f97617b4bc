import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, dial, readBytes, receive, startServer } from './servers.ts'

describe('idle_timeout', () => {
  it('cuts off both sides once nothing has moved for that long', async () => {
    await using server = await startServer()
    const balancer = { idle_timeout: '20ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))

    const client = await dial(gateway.port())
    const received = receive(client)
    client.write('hello')
    const atServer = receive(await server.next())

    expect(await received).toEqual({ text: 'hello', bytes: 5, ending: 'ECONNRESET' })
    expect(await atServer).toMatchObject({ text: 'hello', ending: 'ECONNRESET' })
    await expectLogged(gateway, 'idle')
  })

  it('cuts off a side that takes nothing', async () => {
    await using server = await startServer((socket) => {
      const fill = (): void => {
        while (socket.write(Buffer.alloc(65_536)));
      }
      socket.on('drain', fill)
      fill()
    })
    const balancer = { idle_timeout: '20ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())
    client.pause()

    const atServer = await receive(await server.next())

    expect(atServer.ending).not.toBe('end')
    client.destroy()
  })

  it('does not cut off what moves in one direction only', async () => {
    let sent = 0
    await using server = await startServer((socket) => {
      const timer = setInterval(() => {
        socket.write('x')
        if (++sent < 40) return
        clearInterval(timer)
        socket.end()
      }, 50)
    })
    const balancer = { idle_timeout: '1s' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))

    const client = await dial(gateway.port())
    const received = await receive(client)
    client.end()

    expect(received).toMatchObject({ bytes: 40, ending: 'end' })
  })
})

describe('half_close_timeout', () => {
  it('cuts off a server that neither says anything nor ends once its client has', async () => {
    await using server = await startServer((socket) => void socket.resume())
    const balancer = { half_close_timeout: '20ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))

    const client = await dial(gateway.port())
    client.end('bye')

    expect(await receive(client)).toMatchObject({ text: '', ending: 'ECONNRESET' })
  })

  it('lets an open connection be silent', async () => {
    await using server = await startServer()
    const balancer = { half_close_timeout: '1ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())
    client.write('a')
    await readBytes(client, 1)
    // The sweep that would cut it off comes by while this waits for another one to be cut off.
    const other = await dial(gateway.port())
    const socket = await server.next().then(() => server.next())
    socket.unpipe()
    other.end()
    await receive(other)

    client.write('b')

    expect(await readBytes(client, 1)).toBe('b')
    client.destroy()
  })
})

describe('total_timeout', () => {
  it('cuts off what goes on for longer, however much moves', async () => {
    await using server = await startServer()
    const balancer = { total_timeout: '50ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())
    client.on('data', (chunk) => client.write(chunk))
    const received = receive(client)

    client.write('ping')

    expect((await received).ending).not.toBe('end')
    await expectLogged(gateway, 'total')
  })
})

describe('a stopping gateway', () => {
  it('lets connections end by themselves, and takes no new ones', async () => {
    await using server = await startServer()
    await using gateway = await startGateway({
      ...configFor([server.url]),
      shutdown_timeout_secs: 10,
    })
    const client = await dial(gateway.port())
    await server.next()
    const port = gateway.port()

    const stopped = gateway.close()
    const late = await dial(port).then(
      () => 'accepted',
      (error: NodeJS.ErrnoException) => error.code,
    )
    const received = receive(client)
    client.end('last words')

    expect(late).toBe('ECONNREFUSED')
    expect(await received).toMatchObject({ text: 'last words', ending: 'end' })
    await stopped
  })

  it('tells servers in the end that nothing more comes, and passes on what they say to that', async () => {
    await using server = await startServer((socket) => {
      socket.on('end', () => socket.end('221 goodbye\r\n'))
      socket.resume()
    })
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    await server.next()
    const received = receive(client)

    await gateway.close()

    expect(await received).toMatchObject({ text: '221 goodbye\r\n', ending: 'end' })
  })

  it('cuts off those that say nothing to that', async () => {
    await using server = await startServer((socket) => void socket.resume())
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    await server.next()
    const received = receive(client)

    await gateway.close()

    expect((await received).ending).toBe('ECONNRESET')
  })

  it('closes connections of which nobody knows yet where they go', async () => {
    const config = configFor(['tcp://127.0.0.1:9'], {
      entrypoint: { hello_timeout: '1h' },
      router: { rule: 'HostSNI(`a.test`)' },
    })
    await using gateway = await startGateway({ ...config, shutdown_timeout_secs: 3600 })
    const client = await dial(gateway.port())
    const received = receive(client)

    await gateway.close()

    expect(await received).toMatchObject({ text: '' })
    client.destroy()
  })
})

async function expectLogged({ logs }: TestGateway, ending: string): Promise<void> {
  await vi.waitFor(() => expect(logs.find({ msg: 'connection ended', ending })).toHaveLength(1))
}
