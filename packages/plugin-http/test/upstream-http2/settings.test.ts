import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { Flag, Frame, FrameServer, greet, onRequest } from './frame-server.ts'

describe('settings of a server of HTTP/2', () => {
  it('that never come are a time-out, with nothing sent', async () => {
    await using server = await FrameServer.start(silent, silent)
    await using gateway = await startBehind(server, { balancer: { connect_timeout: '50ms' } })

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT_TIMEOUT' })
    expect(server.received(Frame.headers)).toEqual([])
    await Promise.all(server.connections.map(({ gone }) => gone))
  })

  it('that allow no stream keep requests waiting until they do', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.answer(stream, 'at last')),
      (connection) => connection.settings([3, 0]),
    )
    await using gateway = await startBehind(server)

    const response = gateway.request('/')
    await expect
      .poll(() => server.received(Frame.settings).some(({ flags }) => flags === Flag.ack))
      .toBe(true)
    server.connections[0]?.settings([3, 1])

    expect((await response).text).toBe('at last')
    expect(server.connections).toHaveLength(1)
  })

  it('that are those of HTTP/1.1 mean that it cannot be reached', async () => {
    await using server = await FrameServer.start(
      onRequest(() => undefined),
      ({ socket }) => {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      },
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' })
  })

  it('may come again', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        greet(connection)
        connection.answer(stream, 'fine')
        greet(connection)
      }),
    )
    await using gateway = await startBehind(server)

    for (let i = 0; i < 3; i++) expect((await gateway.request('/')).text).toBe('fine')

    expect(server.connections).toHaveLength(1)
  })
})

function silent(): void {
  // It says nothing at all.
}
