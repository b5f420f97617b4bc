import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { Code, Flag, Frame, FrameServer, ok, onRequest } from './frame-server.ts'

describe('a server of HTTP/2 that stalls', () => {
  it('before its response is a 504, and its stream is reset', async () => {
    await using server = await FrameServer.start(onRequest(() => undefined))
    await using gateway = await startBehind(server, { balancer: { request_timeout: '50ms' } })

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESPONSE_TIMEOUT' })
    expect(gateway.endpoint().active).toBe(0)
    await expect.poll(() => server.resets()).toEqual([Code.cancel])
  })

  it('within its response breaks that off', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.headers(stream, ok)
        connection.data(stream, 'part')
      }),
    )
    await using gateway = await startBehind(server, { balancer: { stream_idle_timeout: '50ms' } })

    await expect(gateway.request('/')).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })

    await expect.poll(() => server.resets()).toEqual([Code.cancel])
    expect(gateway.endpoint().active).toBe(0)
  })

  it('within an upload is a 504', async () => {
    // Nothing opens the windows.
    await using server = await FrameServer.start(onRequest(() => undefined))
    await using gateway = await startBehind(server, { balancer: { stream_idle_timeout: '50ms' } })

    const response = await gateway.request('/', { method: 'POST', body: 'x'.repeat(200_000) })

    expect(response.status).toBe(504)
    await expect.poll(() => server.resets()).toEqual([Code.cancel])
    expect(server.received(Frame.data).some(({ flags }) => flags === Flag.endStream)).toBe(false)
  })

  it('for too long in all breaks off what takes it', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.headers(stream, ok)
        const timer = setInterval(() => connection.data(stream, 'more'), 5)
        connection.socket.on('close', () => clearInterval(timer))
      }),
    )
    await using gateway = await startBehind(server, { balancer: { stream_total_timeout: '50ms' } })

    await expect(gateway.request('/')).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })

    await expect.poll(() => server.resets()).toEqual([Code.cancel])
  })

  it('is asked whether it is there, and used again once it has said so', async () => {
    const pings: (() => void)[] = []
    await using server = await FrameServer.start((connection, frame) => {
      if (frame.type === Frame.ping) {
        pings.push(() => connection.send(Frame.ping, Flag.ack, 0, frame.payload))
        return
      }
      onRequest((_connection, stream) => {
        if (connection.index > 0 || pings.length > 0)
          connection.answer(stream, `from ${connection.index}`)
      })(connection, frame)
    })
    await using gateway = await startBehind(server, { balancer: { request_timeout: '50ms' } })

    const first = await gateway.request('/')
    const meanwhile = await gateway.request('/')
    for (const answer of pings) answer()
    await expect.poll(async () => (await gateway.request('/')).text).toBe('from 0')

    expect([first.status, meanwhile.text, pings.length]).toEqual([504, 'from 1', 1])
  })
})
