/**
 * Clients that talk over WebSockets, with an upstream or with each other.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Conversation } from './conversation.ts'
import type { Visit, Visitor } from './visitor.ts'

export const conversationVisits: readonly Visit[] = [
  { name: 'conversation', weight: 6, run: talk },
  { name: 'channels', weight: 6, run: publish },
]

/** Whatever it says to an upstream is said back. */
async function talk(visitor: Visitor): Promise<void> {
  const { random } = visitor
  const conversation = await visitor.talk('/api/talk')
  for (let left = 1 + random.below(20); left > 0; left--) {
    const texts = Array.from({ length: 1 + random.below(5) }, () =>
      `${visitor.id()} `.repeat(1 + random.below(5000)),
    )
    for (const text of texts) conversation.say(text)
    for (const text of texts) await expectNext(conversation, text)
    if (random.chance(0.2)) await delay(random.below(300))
  }
  if (random.chance(0.5)) await conversation.close()
}

/** Two that have subscribed to a channel hear each other, and nobody else. */
async function publish(visitor: Visitor): Promise<void> {
  const { random } = visitor
  const channel = `room ${visitor.id()}`
  const both = [await visitor.talk('/channels/'), await visitor.talk('/channels/')]
  for (const one of both) {
    one.say(`_sub:${channel}`)
    await expectNext(one, `_ok:subscribed to ${channel}`)
  }
  for (let left = 1 + random.below(20); left > 0; left--) {
    const text = `${channel}:${visitor.id()} ${'x'.repeat(random.below(20_000))}`
    both[random.below(2)]?.say(text)
    for (const one of both) await expectNext(one, text)
    if (random.chance(0.2)) await delay(random.below(300))
  }
  if (random.chance(0.5)) for (const one of both) await one.close()
}

async function expectNext(conversation: Conversation, expected: string): Promise<void> {
  const heard = await conversation.next()
  if (heard === expected) return
  throw new Error(`heard "${heard.slice(0, 40)}", not "${expected.slice(0, 40)}"`)
}
