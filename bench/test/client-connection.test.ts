import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientConnection, type Continuation } from '../src/load/client-connection.ts'
import { createPayload } from '../src/payload.ts'

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'

describe('a client connection', () => {
  let server: Server
  let sockets: Socket[]
  let problems: string[]
  let responses: number

  beforeEach(() => {
    sockets = []
    problems = []
    responses = 0
  })

  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await once(server.close(), 'close')
  })

  it('sends an upload of several pieces completely, again and again', async () => {
    const upload = createPayload(3_000_000)
    const received: Buffer[] = []
    const port = await listen((socket) => {
      let bytes = 0
      socket.on('data', (piece: Buffer) => {
        received.push(piece)
        bytes += piece.length
        if (bytes < upload.length) return
        bytes -= upload.length
        socket.write(answer + createPayload(2).toString())
      })
    })

    await connectTo(port, upload, 3).run()

    expect({ responses, problems }).toEqual({ responses: 3, problems: [] })
    expect(Buffer.concat(received).equals(Buffer.concat([upload, upload, upload]))).toBe(true)
  })

  it('does not take an answer to a part of an upload for one', async () => {
    const port = await listen((socket) => {
      socket.once('data', () => socket.pause().write(answer + createPayload(2).toString()))
      socket.on('error', () => socket.destroy())
    })

    await connectTo(port, createPayload(64 * 1024 * 1024), 1).run()

    expect({ responses, problems }).toEqual({ responses: 0, problems: ['answered too early'] })
  })

  it('tells for how long no byte has moved', async () => {
    const port = await listen((socket) => socket.on('error', () => socket.destroy()).resume())
    const connection = connectTo(port, Buffer.alloc(0), 1)
    const done = connection.run()

    const now = performance.now()
    expect(connection.stalledMs(now + 5000)).toBeGreaterThanOrEqual(5000)
    connection.destroy()
    await done

    expect(connection.stalledMs(now + 5000)).toBe(0)
  })

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    server = createServer((socket) => {
      sockets.push(socket)
      onSocket(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    // A TCP server that listens has an address object.
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  function connectTo(port: number, upload: Buffer, wanted: number): ClientConnection {
    return new ClientConnection(
      {
        port,
        upload,
        head: Buffer.alloc(0),
        expected: createPayload(2),
        slab: Buffer.allocUnsafe(64 * 1024),
        newConnections: false,
        encrypted: false,
      },
      {
        onResponse: (): Continuation => (++responses < wanted ? 'repeat' : 'stop'),
        onProblem: (problem): Continuation => {
          problems.push(problem)
          return 'stop'
        },
      },
    )
  }
})
