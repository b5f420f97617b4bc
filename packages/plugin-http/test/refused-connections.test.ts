import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { definePlugin, errors, type Refusal } from '@gatewright/kernel'
import { startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { deadlines, farewells } from '../src/environment.ts'
import { type Front, startBehind } from './behind.ts'

const answer = errors.GW_DRAINING(undefined, { headers: ['retry-after', '7'] })

describe('a connection that is refused', () => {
  it('with an answer gets it as a response, before it has asked for anything', async () => {
    await using gateway = await startRefusing({ reason: 'no', answer })
    using client = await gateway.connect()

    const response = await client.readResponse()

    expect(response.status).toBe(503)
    expect(response.headers).toMatchObject({ connection: 'close', 'retry-after': '7' })
    expect(response.json()).toMatchObject({ error: 'Gateway shutting down', status: 503 })
    expect(await client.closed()).toBe('end')
    await vi.waitFor(() => expect(farewells.size).toBe(0))
  })

  it('without an answer is closed, whatever went wrong', async () => {
    await using gateway = await startRefusing({ reason: 'no', error: answer })
    using client = await gateway.connect()

    expect(await client.closed()).toBe('end')
  })

  it('with a reset is reset, answer or not', async () => {
    await using gateway = await startRefusing({ reason: 'no', reset: true, answer })

    const client = open(gateway)
    await closed(client)

    expect(client.errored).toMatchObject({ code: 'ECONNRESET' })
    expect(client.bytesRead).toBe(0)
  })

  it('ends after a second, though the client goes on and on', async () => {
    await using gateway = await startRefusing({ reason: 'no', answer })
    const client = open(gateway)
    await readToEnd(client)

    deadlines.sweep(performance.now() + 900)
    expect(farewells.size).toBe(1)
    deadlines.sweep(performance.now() + 1001)
    await vi.waitFor(() => expect(farewells.size).toBe(0))
    client.write('more')
    client.write('and more')
    await closed(client)

    expect(client.errored).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
  })

  it('takes no more room than a few others, each of which gets its answer', async () => {
    await using gateway = await startRefusing({ reason: 'no', answer })

    const clients = Array.from({ length: 300 }, () => open(gateway))
    const answers = await Promise.all(clients.map((client) => readToEnd(client)))

    expect(farewells.size).toBeLessThanOrEqual(128)
    for (const text of answers) expect(text).toMatch(/^HTTP\/1\.1 503 .*\r\n\r\n\{.*\}$/s)
    for (const client of clients) client.destroy()
    await vi.waitFor(() => expect(farewells.size).toBe(0))
  })
})

async function startRefusing(refusal: Refusal): Promise<Front> {
  await using upstream = await startUpstream()
  const refuser = definePlugin({
    name: 'refuser',
    setup: ({ hooks }) => hooks.connection.tap('refuser', () => refusal),
  })
  return startBehind(upstream, { plugins: [refuser] })
}

/** A client that keeps its side open when the other one closes. */
function open(gateway: Front): Socket {
  const client = connectSocket({ host: '127.0.0.1', port: gateway.port(), allowHalfOpen: true })
  return client.on('error', () => undefined)
}

async function closed(client: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (client.closed) resolve()
  else client.once('close', () => resolve())
  await promise
}

async function readToEnd(client: Socket): Promise<string> {
  let text = ''
  client.on('data', (bytes: Buffer) => (text += bytes.toString()))
  await once(client, 'end')
  return text
}
