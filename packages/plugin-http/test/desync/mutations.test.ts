import type { TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { Random } from '../random.ts'
import { type EchoUpstream, settle, startEchoUpstream } from './echo-upstream.ts'
import { requestTable } from './request-rows/index.ts'
import { expectCanary, expectUnambiguous } from './run-request-row.ts'
import { summaryOf } from './strict-reader.ts'

const count = process.env['GATEWRIGHT_LONG'] === '1' ? 50_000 : 500
const timeout = 3_600_000

const fragments = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', '\0', ':', ',', ';', '\x7f', '\xa0', '0', '5'],
  ...['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: b\r\n', 'X: y\r\n'],
  ...['Connection: close\r\n', '0\r\n\r\n', '5\r\nhello\r\n', 'HTTP/1.1', 'GET / ', '+', '0x'],
  ...['GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n', 'Expect: 100-continue\r\n'],
] as const

// Long rows only differ in what they repeat.
const rows = Object.values(requestTable)
  .flat()
  .filter(({ sends }) => sends.length < 1000)
const texts = rows.map(({ sends }) => sends)
const welcome = rows.filter(({ reaches }) => reaches.length > 0).map(({ sends }) => sends)

describe('rows of the table, changed at random', () => {
  it('reach the upstream in one reading only, and nobody else notices', { timeout }, async () => {
    await using upstream = await startEchoUpstream()
    await using gateway = await startBehind(upstream)
    const random = new Random(7)
    let reached = 0

    for (let i = 0; i < count; i++) reached += await runMutation(random, gateway, upstream)

    // Some must get through, or this would show nothing.
    expect(reached).toBeGreaterThan(count / 6)
  })
})

/** Sends a changed row. Returns how many requests it made the upstream see. */
async function runMutation(
  random: Random,
  gateway: TestGateway,
  upstream: EchoUpstream,
): Promise<number> {
  const text = mutate(random)
  using client = await gateway.connect()
  for (const piece of random.split(Buffer.from(text, 'latin1'), 4)) await client.send(piece)
  // Otherwise nobody waits for the answer.
  await settle()
  client.end()
  // A client that sends no more gets an end or a reset, but no answer to somebody else's request.
  await client.closed()
  await expectCanary(gateway)
  await settle()
  const seen = await upstream.look()
  await expectUnambiguous(seen, true)
  const found = seen.requests.map(summaryOf)
  const canaries = found.filter((summary) => summary === 'GET /canary -')
  expect({ text, canaries }).toEqual({ text, canaries: ['GET /canary -'] })
  return found.length - 1
}

function mutate(random: Random): string {
  let text = pick(random, random.chance(0.7) ? welcome : texts)
  for (let left = 1 + random.below(2); left > 0; left--) text = mutateOnce(random, text)
  return text
}

function mutateOnce(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const start = text.slice(0, at)
  switch (random.below(5)) {
    case 0:
      return start + text.slice(at + 1)
    case 1:
      return start + String.fromCharCode(random.below(256)) + text.slice(at + 1)
    case 2:
      return start + pick(random, texts)
    case 3:
      return start + text.slice(Math.max(0, at - 20))
    default:
      return start + pick(random, fragments) + text.slice(at)
  }
}

function pick(random: Random, list: readonly string[]): string {
  return list[random.below(list.length)] ?? ''
}
