import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startServer } from './server.ts'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the example of conversations', () => {
  it('shares guests out among the rooms, in which all hear what one says, over a reload too', async () => {
    await using a = await startServer(0, 'a')
    await using b = await startServer(0, 'b')
    const env = { WEB_ADDRESS: '127.0.0.1:0', CHAT_A: a.url, CHAT_B: b.url }
    await using gateway = await startGateway(file, { env })
    using one = await enter(gateway)
    using two = await enter(gateway)
    using three = await enter(gateway, one.cookie)

    const rooms = [await one.hear(), await two.hear(), await three.hear()]
    await gateway.reload(file)
    one.socket.send('hello')

    expect(rooms.slice(0, 2).toSorted()).toEqual(['welcome to a', 'welcome to b'])
    expect(rooms[2]).toBe(rooms[0])
    expect([await one.hear(), await three.hear()]).toEqual(['hello', 'hello'])
    expect(one.socket.protocol).toBe('chat')
  })

  it('answers a browser with the page', async () => {
    await using a = await startServer(0)
    const env = { WEB_ADDRESS: '127.0.0.1:0', CHAT_A: a.url, CHAT_B: a.url }
    await using gateway = await startGateway(file, { env })

    expect(await (await fetch(gateway.url())).text()).toContain('new WebSocket(')
  })
})

interface Guest extends Disposable {
  readonly socket: WebSocket
  /** What brings the guest back to the same room. */
  readonly cookie: string
  readonly hear: () => Promise<string>
}

async function enter(gateway: TestGateway, cookie: string = ''): Promise<Guest> {
  const url = `ws://127.0.0.1:${gateway.port()}/`
  const socket = new WebSocket(url, 'chat', { headers: { cookie } })
  const heard: string[] = []
  const heardOne = new EventEmitter()
  socket.on('message', (said) => {
    // The default type of messages is a buffer.
    heard.push((said as Buffer).toString())
    heardOne.emit('one')
  })
  const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
  return {
    socket,
    cookie: String(response.headers['set-cookie']).split(';')[0] ?? '',
    async hear() {
      while (heard.length === 0) await once(heardOne, 'one')
      return heard.shift() ?? ''
    },
    [Symbol.dispose]: () => socket.terminate(),
  }
}
