import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'

const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

it('members hear each other, and only alice has a say in her channel', async () => {
  const child = start()
  const address = await listening(child)
  const alice = await Member.enter(address, 'the key of alice')
  const bob = await Member.enter(address, 'the key of bob')

  const first = [await alice.ask('_sub:alice/news'), await bob.ask('_sub:alice/news')]
  const refused = await bob.ask('alice/news:hello')
  const heard = [await alice.ask('alice/news:hello'), await bob.next()]
  const stranger = await Member.enter(address, 'no key').catch((error: unknown) => error)
  const gone = once(alice.socket, 'close')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')

  expect(first).toEqual(['_ok:subscribed to alice/news', '_ok:subscribed to alice/news'])
  expect(refused).toBe('_error:not allowed to publish to alice/news')
  expect(heard).toEqual(['alice/news:hello', 'alice/news:hello'])
  expect(String(stranger)).toContain('401')
  expect((await gone)[0]).toBe(1001)
  expect(code).toBe(0)
})

class Member {
  readonly socket: WebSocket
  readonly #heard: string[] = []
  #wake: () => void = () => undefined

  static async enter(address: string, key: string): Promise<Member> {
    const socket = new WebSocket(`ws://${address}/channels`, { headers: { 'X-API-Key': key } })
    const member = new Member(socket)
    await once(socket, 'open')
    return member
  }

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      this.#heard.push(data.toString())
      this.#wake()
    })
  }

  async next(): Promise<string> {
    for (;;) {
      const text = this.#heard.shift()
      if (text !== undefined) return text
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  ask(text: string): Promise<string> {
    this.socket.send(text)
    return this.next()
  }
}

function start(): ChildProcess {
  const config = fileURLToPath(new URL('gateway.hcl', import.meta.url))
  const args = [command, '--json', '--config', config, '--listen', '127.0.0.1:0']
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 25_000 })
}

/** Where it says that it listens, once it is ready. */
async function listening(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('there is no output')
  let address = ''
  for await (const line of createInterface({ input: child.stdout })) {
    // A line of the log.
    const { msg, address: at } = JSON.parse(line) as { msg?: string; address?: string }
    if (msg === 'listening') address = at ?? ''
    if (msg === 'ready') break
  }
  child.stdout.resume()
  return address
}
