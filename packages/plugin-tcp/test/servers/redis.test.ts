import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configFor, dial, readBytes, receive } from '../servers.ts'
import { startRedis } from './redis-server.ts'

describe('a real Redis', () => {
  it('answers as if its clients were connected to it', async () => {
    await using redis = await startRedis()
    await using gateway = await startGateway(configFor([redis.url]))
    const client = await dial(gateway.port())

    client.write('PING\r\n')
    expect(await readBytes(client, 7)).toBe('+PONG\r\n')

    const value = 'v'.repeat(4 * 1024 * 1024)
    client.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`)
    expect(await readBytes(client, 5)).toBe('+OK\r\n')
    client.write('GET k\r\n')
    const got = `$${value.length}\r\n${value}\r\n`
    expect((await readBytes(client, got.length)) === got).toBe(true)

    client.write('INCR n\r\n'.repeat(10_000))
    const counted = Array.from({ length: 10_000 }, (_, index) => `:${index + 1}\r\n`).join('')
    expect((await readBytes(client, counted.length)) === counted).toBe(true)

    const received = receive(client)
    client.write('QUIT\r\n')
    expect(await received).toMatchObject({ text: '+OK\r\n', ending: 'end' })
    client.end()
  })

  it('tells subscribers what others publish', async () => {
    await using redis = await startRedis()
    await using gateway = await startGateway(configFor([redis.url]))
    const subscriber = await dial(gateway.port())
    const publisher = await dial(gateway.port())
    const subscribed = '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n'
    subscriber.write('SUBSCRIBE news\r\n')
    expect(await readBytes(subscriber, subscribed.length)).toBe(subscribed)

    publisher.write('PUBLISH news hello\r\n')

    const message = '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n'
    expect(await readBytes(subscriber, message.length)).toBe(message)
    expect(await readBytes(publisher, 4)).toBe(':1\r\n')
    subscriber.destroy()
    publisher.destroy()
  })

  it('is replaced by another one when it dies', async () => {
    await using first = await startRedis()
    await using second = await startRedis()
    const balancer = { passive_health: { error_threshold: 1, recovery: '1h' } }
    await using gateway = await startGateway(configFor([first.url, second.url], { balancer }))
    const clients = [await dial(gateway.port()), await dial(gateway.port())]
    for (const client of clients) {
      client.write('PING\r\n')
      await readBytes(client, 7)
    }

    const cut = Promise.race(clients.map((client) => receive(client)))
    await first.kill()
    await cut
    const answers: string[] = []
    for (let i = 0; i < 4; i++) {
      const client = await dial(gateway.port())
      client.write('PING\r\n')
      answers.push(await readBytes(client, 7))
      client.destroy()
    }

    expect(answers).toEqual(Array(4).fill('+PONG\r\n'))
    for (const client of clients) client.destroy()
  })
})
