import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Io } from '../src/index.ts'

const run = promisify(execFile)

describe('the choice of I/O', () => {
  it.each([
    { choice: 'portable', what: 'nothing', asks: 'false' },
    { choice: 'fast', what: 'something', asks: 'true' },
  ])('asks Node for $what beyond its documentation if it is $choice', async ({ choice, asks }) => {
    const engine = new URL('../src/index.ts', import.meta.url)
    const script = `
      let asked = false
      process.binding = new Proxy(process.binding, {
        apply: (...call) => ((asked = true), Reflect.apply(...call)),
      })
      const { Io } = await import(${JSON.stringify(engine.href)})
      await new Io().prepare(${JSON.stringify(choice)})
      console.log(asked)`

    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])

    expect(stdout.trim()).toBe(asks)
  })

  it('for fast takes the connections of servers that listened before it was wanted', async () => {
    const io = new Io()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    let sockets = 0
    server.on('connection', () => sockets++)
    const accepted = Promise.withResolvers<void>()
    io.accept(server, (connection) => {
      connection.wire().destroy()
      accepted.resolve()
    })

    expect(await io.prepare('fast')).toBeUndefined()
    io.use('fast')
    // A server that listens on TCP has such an address.
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await accepted.promise
    await once(client.resume(), 'close')
    server.close()

    expect(sockets).toBe(0)
  })
})
