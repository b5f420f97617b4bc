import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configFor, dial, startServer } from './servers.ts'

describe('a server that speaks first', () => {
  it('has its dialogue, up to its own goodbye', async () => {
    const mails: string[] = []
    await using server = await startServer((socket) => void speakSmtp(socket, mails))
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    const lines = createInterface({ input: client })[Symbol.asyncIterator]()
    const answers: (string | undefined)[] = []

    answers.push((await lines.next()).value)
    for (const command of ['EHLO me', 'MAIL FROM:<a@a.test>', 'RCPT TO:<b@b.test>', 'DATA']) {
      client.write(`${command}\r\n`)
      answers.push((await lines.next()).value)
    }
    client.write('Subject: hi\r\n\r\nlong text\r\n.\r\nQUIT\r\n')
    answers.push((await lines.next()).value, (await lines.next()).value)
    const last = await lines.next()
    client.end()

    expect(answers.map((line) => line?.slice(0, 3))).toEqual([
      '220',
      '250',
      '250',
      '250',
      '354',
      '250',
      '221',
    ])
    expect(last.done).toBe(true)
    expect(mails).toEqual(['Subject: hi\n\nlong text'])
  })
})

/** As much of RFC 5321 as one mail needs. */
async function speakSmtp(socket: Socket, mails: string[]): Promise<void> {
  let mail: string[] | undefined
  socket.write('220 mail.test ready\r\n')
  for await (const line of createInterface({ input: socket })) {
    if (mail !== undefined && line !== '.') mail.push(line)
    else if (mail !== undefined) {
      mails.push(mail.join('\n'))
      mail = undefined
      socket.write('250 taken\r\n')
    } else if (line === 'DATA') {
      mail = []
      socket.write('354 go on\r\n')
    } else if (line === 'QUIT') {
      socket.end('221 bye\r\n')
      return
    } else socket.write('250 ok\r\n')
  }
}
