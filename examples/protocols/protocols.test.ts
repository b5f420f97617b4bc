import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { definePlugin, type Plugin } from '@gatewright/kernel'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { Client, credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { echoService, type Running, startServers } from './servers.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

let folder: string
let servers: Running
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-example-'))
  await copyFile(here('certificates.sh'), join(folder, 'certificates.sh'))
  await promisify(execFile)(join(folder, 'certificates.sh'))
  ca = await readFile(join(folder, 'certs/localhost.crt'), 'utf8')
  servers = await startServers(0, join(folder, 'certs'))
})

afterAll(async () => {
  await servers[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe('one gateway', () => {
  it('speaks HTTP/1.1 and HTTP/2, with TLS and without', async () => {
    await using gateway = await start()

    expect((await gateway.request('/a')).text).toBe('GET /a')
    expect(await overHttp2(gateway.url(), '/b')).toBe('GET /b')
    expect(await overHttp2(`https://localhost:${gateway.port('secure')}`, '/c')).toBe('GET /c')
  })

  it('passes connections on, as they are and decrypted, each direction to its end', async () => {
    await using gateway = await start()

    for (const entrypoint of ['passed', 'decrypted']) {
      const port = gateway.port(entrypoint)
      const options = { host: '127.0.0.1', port, servername: 'localhost', ca, allowHalfOpen: true }
      const socket = connectTls(options)
      socket.end('hello')
      expect(await text(socket)).toBe('hello')
    }
  })

  it('passes datagrams on', async () => {
    await using gateway = await start()
    const socket = createSocket('udp4')
    socket.send('hello', gateway.port('datagrams'), '127.0.0.1')
    const [said] = await once(socket, 'message')
    socket.close()

    expect(String(said)).toBe('hello')
  })

  it('keeps conversations, events and calls over 20 reloads, beside requests', async () => {
    const { plugin, routers } = watching()
    await using gateway = await start(plugin)
    const conversation = await startConversation(gateway)
    const events = await startEvents(gateway)
    const calls = startCall(gateway)

    for (let i = 0; i < 20; i++) {
      await gateway.reload(`${configuration}\nshutdown_timeout_secs = ${i + 1}\n`)
      expect(await conversation.say(`${i}`)).toBe(`${i}`)
      expect(await calls.say(`${i}`)).toBe(`${i}`)
      servers.tell(`${i}`)
      expect(await events.next()).toBe(`data: ${i}\n\n`)
      expect((await gateway.request(`/${i}`)).status).toBe(200)
    }

    expect([...routers()].toSorted()).toEqual(['calls', 'events', 'pages', 'talk'])
    conversation.end()
    events.end()
    calls.end()
  })
})

const configuration = readFileSync(here('gateway.hcl'), 'utf8')

/** Which routers requests took. */
function watching() {
  const seen = new Set<string>()
  const plugin = definePlugin({
    name: 'watching',
    setup: ({ hooks }) =>
      hooks.response.tap('watching', ({ route }) => {
        if (route !== undefined) seen.add(route.router)
      }),
  })
  return { plugin, routers: () => seen }
}

function start(...plugins: readonly Plugin[]): Promise<TestGateway> {
  const names = ['WEB', 'SECURE', 'PASSED', 'DECRYPTED', 'DATAGRAMS']
  const addresses = names.map((name) => [`${name}_ADDRESS`, '127.0.0.1:0'])
  const env = { ...servers.env, ...Object.fromEntries(addresses) }
  return startGateway(configuration, { env, baseDir: folder, plugins })
}

async function overHttp2(url: string, path: string): Promise<string> {
  const session = http2.connect(url, { ca })
  try {
    return await text(session.request({ ':path': path }))
  } finally {
    session.close()
  }
}

async function startConversation(gateway: TestGateway) {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port('web')}/talk`)
  await once(socket, 'open')
  return {
    async say(what: string): Promise<string> {
      socket.send(what)
      const [said] = await once(socket, 'message')
      return String(said)
    },
    end: () => socket.terminate(),
  }
}

async function startEvents(gateway: TestGateway) {
  const session = http2.connect(`https://localhost:${gateway.port('secure')}`, { ca })
  const stream = session.request({ ':path': '/events' })
  await once(stream, 'response')
  const heard: string[] = []
  const news = new EventEmitter()
  stream.on('data', (piece: Buffer) => {
    heard.push(piece.toString())
    news.emit('one')
  })
  return {
    async next(): Promise<string | undefined> {
      while (heard.length === 0) await once(news, 'one')
      return heard.shift()
    },
    end: () => session.destroy(),
  }
}

function startCall(gateway: TestGateway) {
  const client = new Client(`127.0.0.1:${gateway.port('web')}`, credentials.createInsecure())
  const { path, requestSerialize, responseDeserialize } = echoService['talk'] ?? fail()
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
  call.on('error', () => undefined)
  return {
    async say(what: string): Promise<string> {
      call.write(Buffer.from(what))
      const [said] = await once(call, 'data')
      return String(said)
    },
    end: () => {
      call.cancel()
      client.close()
    },
  }
}

function fail(): never {
  throw new Error('the service has no such method')
}
