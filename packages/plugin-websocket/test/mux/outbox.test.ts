import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outbox } from '../../src/mux/outbox.ts'

describe('what waits for a slow client', () => {
  it('is the newest 256 messages of a channel', () => {
    let lost = 0
    const outbox = new Outbox(256, 1_000_000, () => lost++)

    for (let i = 0; i < 300; i++) outbox.addMessage('a', Buffer.from(`a:${i}`))
    outbox.addMessage('b', Buffer.from('b:0'))

    const waiting = drain(outbox)
    expect(waiting).toHaveLength(257)
    expect([waiting[0], waiting.at(-2), waiting.at(-1)]).toEqual(['a:44', 'a:299', 'b:0'])
    expect(lost).toBe(44)
  })

  it('is bounded in bytes over all channels, of which the oldest message is lost first', () => {
    const outbox = new Outbox(256, 10)

    outbox.addMessage('a', Buffer.from('a:11'))
    outbox.addMessage('b', Buffer.from('b:22'))
    outbox.addMessage('c', Buffer.from('c:33'))

    expect(outbox.bytes).toBe(8)
    expect(drain(outbox)).toEqual(['b:22', 'c:33'])
  })

  it('always has room for one message', () => {
    const outbox = new Outbox(256, 10)

    outbox.addMessage('a', Buffer.from('a:1'))
    outbox.addMessage('a', Buffer.from('a:much too long'))

    expect(drain(outbox)).toEqual(['a:much too long'])
  })

  it('loses no reply', () => {
    const outbox = new Outbox(1, 1)

    outbox.addReply(Buffer.from('_ok:subscribed to a'))
    outbox.addMessage('a', Buffer.from('a:1'))
    outbox.addMessage('a', Buffer.from('a:2'))
    outbox.addReply(Buffer.from('_pong'))

    expect(outbox.replies).toBe(2)
    expect(drain(outbox)).toEqual(['_ok:subscribed to a', 'a:2', '_pong'])
    expect([outbox.replies, outbox.bytes]).toEqual([0, 0])
  })

  it('is what a list would keep, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ channel: fc.constantFrom('a', 'b', 'c'), size: fc.integer({ min: 1, max: 9 }) }),
      fc.constant('reply' as const),
      fc.constant('take' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const outbox = new Outbox(4, 30)
        const model: Kept[] = []
        for (const [i, given] of steps.entries()) {
          if (given === 'take') {
            expect(outbox.take()?.toString()).toBe(model.shift()?.text)
          } else if (given === 'reply') {
            outbox.addReply(Buffer.from(`_${i}`))
            model.push({ channel: undefined, text: `_${i}` })
          } else {
            const text = String(i).padEnd(given.size)
            outbox.addMessage(given.channel, Buffer.from(text))
            keep(model, { channel: given.channel, text })
          }
        }
        expect(drain(outbox)).toEqual(model.map(({ text }) => text))
        expect([outbox.bytes, outbox.replies]).toEqual([0, 0])
      }),
    )
  })
})

interface Kept {
  readonly channel: string | undefined
  readonly text: string
}

/** The same rules, slowly. */
function keep(model: Kept[], message: Kept): void {
  model.push(message)
  const ofChannel = model.filter(({ channel }) => channel === message.channel)
  if (ofChannel.length > 4)
    model.splice(
      model.findIndex((kept) => kept === ofChannel[0]),
      1,
    )
  for (;;) {
    const messages = model.filter(({ channel }) => channel !== undefined)
    const bytes = messages.reduce((sum, { text }) => sum + text.length, 0)
    if (bytes <= 30 || messages.length < 2) return
    model.splice(
      model.findIndex((kept) => kept === messages[0]),
      1,
    )
  }
}

function drain(outbox: Outbox): string[] {
  const texts: string[] = []
  for (let bytes = outbox.take(); bytes !== undefined; bytes = outbox.take()) {
    texts.push(bytes.toString())
  }
  return texts
}
