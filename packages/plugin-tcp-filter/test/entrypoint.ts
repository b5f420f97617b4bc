import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import type { GatewayConfigInput } from '@gatewright/kernel'
import { connect, type RawClient, type TestGateway, type Upstream } from '@gatewright/testing'
import { expect, vi } from 'vitest'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

/** An entrypoint with these keys in front of an upstream. */
export function configFor(
  { url }: Upstream,
  entrypoint: Readonly<Record<string, unknown>>,
): GatewayConfigInput & { entrypoints: object } {
  return {
    shutdown_timeout_secs: 1,
    entrypoints: { web: { address: '127.0.0.1:0', ...entrypoint } },
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'app' } },
    services: { app: { load_balancer: { servers: [{ url }] } } },
  }
}

/** A connection that was let in. */
export async function served(gateway: TestGateway): Promise<RawClient> {
  const client = await connect(gateway.port())
  await expectServed(client)
  return client
}

export async function expectServed(client: RawClient): Promise<void> {
  expect(await statusOf(client)).toBe(200)
}

export async function statusOf(client: RawClient): Promise<number> {
  void client.send(get)
  return (await client.readResponse()).status
}

/** The gateway hears a moment later that a client has gone. */
export async function roomFor(gateway: TestGateway): Promise<void> {
  await vi.waitFor(async () => expect((await gateway.request('/')).status).toBe(200))
}

/** A client with another address of this machine. */
export async function connectFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connectSocket({ host: '127.0.0.1', port, localAddress })
  await once(socket, 'connect')
  return socket
}

export async function firstLine(socket: Socket): Promise<string> {
  socket.write(get)
  const [bytes]: Buffer[] = await once(socket, 'data')
  return bytes?.toString().split('\r\n', 1)[0] ?? ''
}

/** All that comes until a response head, or until the connection is closed. */
export async function answerTo(socket: Socket): Promise<string> {
  let text = ''
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(text))
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString()
    if (text.includes('\r\n\r\n')) resolve(text)
  })
  socket.write(get)
  return promise
}
