import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Hub, type Subscriber } from '../../src/mux/hub.ts'

const step = fc.record({
  act: fc.constantFrom('join', 'leave', 'publish', 'publish elsewhere'),
  who: fc.integer({ min: 0, max: 3 }),
  channel: fc.constantFrom('a', 'b', 'ä'),
})

describe('a hub', () => {
  it('brings each message to those who have joined, and keeps no channel without any', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const hub = new Hub()
        const members = [0, 1, 2, 3].map(() => new Member())
        const joined = new Set<string>()
        for (const [i, { act, who, channel }] of steps.entries()) {
          const member = members[who] ?? new Member()
          const key = `${who} ${channel}`
          if (act === 'join') {
            expect(hub.join(channel, member)).toBe(!joined.has(key))
            joined.add(key)
          } else if (act === 'leave') {
            expect(hub.leave(channel, member)).toBe(joined.delete(key))
          } else {
            const except = act === 'publish elsewhere' ? member : undefined
            const there = members.filter((_, at) => joined.has(`${at} ${channel}`))
            const hearing = there.filter((one) => one !== except)
            expect(hub.publish(channel, `${i}:`, except)).toBe(hearing.length)
            for (const one of members) {
              expect(one.heard.at(-1) === `${channel}:${i}:`).toBe(hearing.includes(one))
            }
          }
          const channels = new Set([...joined].map((text) => text.slice(2)))
          expect(hub.counts).toMatchObject({ channels: channels.size, subscriptions: joined.size })
        }
      }),
    )
  })

  it('lets whoever hears something leave at once', () => {
    const hub = new Hub()
    const heard: string[] = []
    const leaving: Subscriber = {
      deliver: (channel, frame) => {
        heard.push(frame.toString())
        hub.leave(channel, leaving)
      },
    }
    const other = new Member()
    hub.join('a', leaving)
    hub.join('a', other)

    const reached = [hub.publish('a', '1'), hub.publish('a', '2')]

    expect(reached).toEqual([2, 1])
    expect([heard, other.heard]).toEqual([['a:1'], ['a:1', 'a:2']])
  })
})

class Member implements Subscriber {
  readonly heard: string[] = []

  deliver(_channel: string, frame: Buffer): void {
    this.heard.push(frame.toString())
  }
}
