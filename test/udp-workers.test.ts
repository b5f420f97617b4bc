import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'

// Elsewhere they share one socket.
describe.runIf(process.platform === 'linux')('several workers', { timeout: 120_000 }, () => {
  it('keep each client of a UDP entrypoint at one of them', async () => {
    const server = await open()
    // A session is a port, whichever worker it has.
    server.on('message', (_, { port, address }) => server.send(String(port), port, address))
    const clients = await Promise.all(Array.from({ length: 40 }, open))
    const port = await freePort()

    const answers = await (async () => {
      await using cli = new RunningCli(configuration(port, server.address().port))
      await cli.line('ready')
      const rounds = [await askAll(clients, port), await askAll(clients, port)]
      return [...rounds, await askAll(clients, port)]
    })()

    expect(new Set(answers[0]).size).toBe(40)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    for (const socket of [server, ...clients]) socket.close()
  })
})

async function open(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** Workers that are to have a socket each need to know the port beforehand. */
async function freePort(): Promise<number> {
  const socket = await open()
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

async function askAll(clients: readonly Socket[], port: number): Promise<string[]> {
  return Promise.all(
    clients.map(async (client) => {
      const answer = once(client, 'message')
      client.send('hello', port, '127.0.0.1')
      const [datagram]: Buffer[] = await answer
      return String(datagram)
    }),
  )
}

function configuration(port: number, serverPort: number): string {
  return `
    workers = 2
    entrypoints "udp" {
      protocol = "udp"
      address  = "127.0.0.1:${port}"
    }
    routers "udp" {
      rule    = "*"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "udp://127.0.0.1:${serverPort}" }]
      }
    }
  `
}
