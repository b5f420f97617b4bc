/**
 * Clients that misbehave, or that meet upstreams which do. What they get may be an error, but never
 * somebody else's bytes.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'
import { isGatewayError } from '@gatewright/kernel'
import { type RawClient, requestBytes } from '@gatewright/testing'
import type { Visit, Visitor } from './visitor.ts'

export const wrongVisits: readonly Visit[] = [
  { name: 'faulty upstream', weight: 10, run: meetFault },
  { name: 'leaving', weight: 10, run: leave },
  { name: 'not reading', weight: 3, run: readNothing },
  { name: 'slowloris', weight: 3, run: dribble },
  { name: 'malformed', weight: 6, run: sendNonsense },
  { name: 'refused upload', weight: 3, run: uploadInVain },
]

/** What a faulty upstream may lead to, by what it does. */
const faults: Readonly<Record<string, readonly (number | string)[]>> = {
  reset: [502],
  garbage: [502],
  large: [502],
  hang: [504],
  cut: ['lost'],
  cutchunk: ['lost'],
  badchunk: ['lost'],
  stall: ['lost'],
  stallevents: ['lost'],
  extra: [200],
}

async function meetFault(visitor: Visitor): Promise<void> {
  const how = visitor.random.pick([
    'reset',
    'garbage',
    'large',
    'hang',
    'cut',
    'cutchunk',
    'badchunk',
    'stall',
    'stallevents',
    'extra',
  ])
  const client = await visitor.connect()
  await client.send(requestBytes('GET', `/faulty/${how}/${visitor.id()}/0`, 'soak.test'))
  const outcome = await outcomeOf(client)
  visitor.count(outcome)
  // 503 if too many of them wait at the same time.
  if (faults[how]?.includes(outcome) !== true && outcome !== 503) {
    throw new Error(`upstream with "${how}" led to ${outcome}`)
  }
}

/** Goes away at any time, in order or not. */
async function leave(visitor: Visitor): Promise<void> {
  const { random } = visitor
  const client = await visitor.connect()
  const size = random.below(300_000)
  const whole = random.chance(0.5)
    ? requestBytes('GET', `/api/chunks/${visitor.id()}/${size}`, 'soak.test')
    : requestBytes('PUT', '/api/upload/1/0', 'soak.test', { body: Buffer.alloc(size) })
  const sent = random.chance(0.5) ? whole : whole.subarray(0, random.below(whole.length))
  void client.send(sent)
  await delay(random.below(30))
  visitor.count('left')
  if (random.chance(0.5)) client.reset()
  else client.end()
}

async function readNothing(visitor: Visitor): Promise<void> {
  const { random } = visitor
  const client = await visitor.connect()
  await client.send(requestBytes('GET', `/api/plain/${visitor.id()}/8000000`, 'soak.test'))
  client.pause()
  await delay(50 + random.below(300))
  visitor.count('left')
  if (random.chance(0.5)) client.reset()
}

/** Sends a head byte by byte until the gateway has had enough. */
async function dribble(visitor: Visitor): Promise<void> {
  const client = await visitor.connect()
  const head = `GET /api/plain/1/0 HTTP/1.1\r\nHost: soak.test\r\nX: ${'x'.repeat(5000)}`
  const patience = visitor.random.below(600)
  const closed = client.closed()
  for (let at = 0; at < patience; at++) {
    await client.send(head.charAt(at))
    const gone = await Promise.race([closed, delay(10, 'not yet')])
    if (gone !== 'not yet') return visitor.count(await outcomeOf(client))
  }
  visitor.count('left')
}

const nonsense: readonly [string, ...string[]] = [
  'nonsense\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n',
  'GET / HTTP/1.1\nHost: a\n\n',
  'GET / HTTP/3.0\r\nHost: a\r\n\r\n',
  'PUT /api/upload/1/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n',
  'PUT /api/upload/1/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'PUT /api/upload/1/0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
]

async function sendNonsense(visitor: Visitor): Promise<void> {
  const client = await visitor.connect()
  await client.send(visitor.random.pick(nonsense))
  const outcome = await outcomeOf(client)
  visitor.count(outcome)
  if (typeof outcome === 'number' && (outcome < 400 || (outcome > 499 && outcome !== 505))) {
    throw new Error(`nonsense was answered with ${outcome}`)
  }
}

/** The upstream refuses at once; the refusal must arrive although the upload goes on. */
async function uploadInVain(visitor: Visitor): Promise<void> {
  const client = await visitor.connect()
  const size = 2_000_000
  await client.send(
    `PUT /faulty/early/1/0 HTTP/1.1\r\nHost: soak.test\r\nContent-Length: ${size}\r\n\r\n`,
  )
  void client.send(Buffer.alloc(size))
  const outcome = await outcomeOf(client)
  visitor.count(outcome)
  // An upstream that resets before its answer was read loses it.
  if (outcome !== 413 && outcome !== 502 && outcome !== 503) {
    throw new Error(`refused upload led to ${outcome}`)
  }
}

/** The status of a whole response; `lost` if the connection ended before that. */
async function outcomeOf(client: RawClient): Promise<number | 'lost'> {
  try {
    const { status } = await client.readResponse()
    return status
  } catch (error) {
    if (isGatewayError(error) && error.code === 'GW_TESTING_CONNECTION_LOST') return 'lost'
    throw error
  }
}
