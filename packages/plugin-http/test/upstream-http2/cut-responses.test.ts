import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { Code, Frame, FrameServer, field, ok, onRequest } from './frame-server.ts'

describe('a response of HTTP/2 that breaks off', () => {
  it.each([
    ['without an error', Code.none, 'GW_UPSTREAM_RESET'],
    ['with CANCEL', Code.cancel, 'GW_UPSTREAM_RESET'],
    ['with INTERNAL_ERROR', Code.internal, 'GW_UPSTREAM_RESET'],
    ['with PROTOCOL_ERROR', Code.protocol, 'GW_UPSTREAM_PROTOCOL'],
  ])('%s before its head is a 502', async (_how, code, expected) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.reset(stream, code)),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: expected })
    expect(gateway.endpoint().active).toBe(0)
  })

  it.each([
    ['without an error', Code.none],
    ['with CANCEL', Code.cancel],
    ['with INTERNAL_ERROR', Code.internal],
  ])('%s within its body is not passed for a whole one', async (_how, code) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.headers(stream, ok)
        connection.data(stream, 'part')
        connection.reset(stream, code)
      }),
    )
    await using gateway = await startBehind(server)

    await expect(gateway.request('/')).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })

    await expect.poll(() => gateway.endpoint().active).toBe(0)
  })

  it.each(['end', 'destroy'] as const)(
    'by %s of the connection is not passed for a whole one',
    async (how) => {
      await using server = await FrameServer.start(
        onRequest((connection, stream) => {
          connection.headers(stream, ok)
          connection.data(stream, 'part')
          setImmediate(() => connection.socket[how]())
        }),
      )
      await using gateway = await startBehind(server)

      await expect(gateway.request('/')).rejects.toMatchObject({
        code: 'GW_TESTING_CONNECTION_LOST',
      })
    },
  )

  it('by less than its length is not passed for a whole one', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.headers(stream, Buffer.concat([ok, field('content-length', '10')]))
        connection.data(stream, 'part', true)
      }),
    )
    await using gateway = await startBehind(server)

    await expect(gateway.request('/')).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })
  })

  it('leaves the other streams of its connection alone', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (stream === 1) return
        connection.reset(1, Code.internal)
        connection.answer(stream, 'fine')
      }),
    )
    await using gateway = await startBehind(server)

    const broken = gateway.request('/', { method: 'POST', body: 'x' })
    await expect.poll(() => server.received(Frame.headers).length).toBe(1)
    const fine = await gateway.request('/')

    expect([(await broken).status, fine.text]).toEqual([502, 'fine'])
    expect(server.connections).toHaveLength(1)
  })
})

describe('a response of HTTP/2 that is complete', () => {
  it.each([
    ['end', undefined],
    ['destroy', undefined],
    ['end', 20_000],
    ['destroy', 20_000],
  ] as const)('outlives the %s of its connection, with the length %s', async (how, length) => {
    const text = 'x'.repeat(20_000)
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        const said = length === undefined ? [] : [field('content-length', String(length))]
        connection.headers(stream, Buffer.concat([ok, ...said]))
        connection.data(stream, text.slice(0, 10_000))
        connection.data(stream, text.slice(10_000), true)
        setImmediate(() => connection.socket[how]())
      }),
    )
    const gone = Promise.withResolvers<void>()
    await using gateway = await startBehind(server, {
      middleware: {
        // The body is taken when the connection to the server is gone.
        onResponse: async () => {
          await server.connections[0]?.gone
          for (let i = 0; i < 10; i++) await nextTurn()
          gone.resolve()
        },
      },
    })

    const response = await gateway.request('/')

    await gone.promise
    expect(response.text).toBe(text)
  })

  it('may be ended by a reset without an error if its length says that it is complete', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.headers(stream, Buffer.concat([ok, field('content-length', '5')]))
        connection.data(stream, 'whole')
        connection.reset(stream, Code.none)
      }),
    )
    await using gateway = await startBehind(server)

    expect((await gateway.request('/')).text).toBe('whole')
  })

  it('is left whole by a reset that follows', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.answer(stream, 'whole')
        connection.reset(stream, Code.none)
      }),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x'.repeat(200_000) })

    expect([response.status, response.text]).toEqual([200, 'whole'])
  })
})
