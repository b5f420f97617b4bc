import { Random } from '../random.ts'

/** More than a system takes for a reader that has stopped. */
export const hugeBytes: number = 5 * 2 ** 20

/** How a body is sent; `close` means until the end of the connection, responses only. */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close'

/** One message of an exchange. */
export interface MessagePlan {
  readonly framing: BodyFraming
  readonly size: number
  /** Lengths of the values of its fields. */
  readonly fields: readonly number[]
  /** As `fields`; only chunked bodies have any. */
  readonly trailers: readonly number[]
  /** Its reader stops after so many bytes of the body for a while; -1 for never. */
  readonly stallAt: number
}

/** Where the upstream breaks off: with the request, within its response. */
export type BreakPoint = 'request' | 'response'

/** What is to happen in one exchange. Both sides work it out from the number of the exchange. */
export interface Plan {
  readonly id: number
  /** `shared` has upstream connections that many requests share. */
  readonly route: 'plain' | 'later' | 'retry' | 'shared'
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly request: MessagePlan
  readonly response: MessagePlan
  /** Tries that the upstream answers with a 503 or with a reset before one succeeds. */
  readonly failures: number
  readonly failsByReset: boolean
  /** A 103 comes first. */
  readonly interim: boolean
  readonly breakAt: BreakPoint | undefined
  /** The upstream answers before it has the request. */
  readonly early: boolean
  /** After the response. */
  readonly closing: 'keep' | 'announced' | 'silent'
  /** Bytes that belong to nothing follow the response; nobody could tell on shared connections. */
  readonly stray: boolean
  /** For what only one side needs to know, such as where it splits. */
  readonly salt: number
}

/** The target of a request. */
export function targetOf({ route, id }: Plan): string {
  return `/${route}/${id}`
}

/** Works out one exchange of a run. */
export function planOf(seed: number, id: number): Plan {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(id, 0x85ebca6b))
  const route = random.pick<Plan['route']>(['plain', 'plain', 'later', 'retry', 'shared'])
  const method = random.pick<Plan['method']>(['GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD'])
  const sends = method === 'POST' || method === 'PUT'
  const request = messagePlan(random, sends ? ['length', 'chunked'] : ['none'])
  const response = messagePlan(random, random.chance(0.03) ? ['close'] : ['length', 'chunked'])
  const whole = random.chance(0.92)
  const plain = response.size < 2000 && response.framing !== 'close'
  return {
    id,
    route,
    method,
    request,
    response,
    failures: route === 'retry' && method !== 'POST' && random.chance(0.15) ? 1 : 0,
    failsByReset: random.chance(0.3),
    interim: random.chance(0.05),
    breakAt: whole ? undefined : random.pick(['request', 'response', 'response']),
    early: random.chance(0.04),
    closing: random.pick(['keep', 'keep', 'keep', 'keep', 'keep', 'keep', 'announced', 'silent']),
    stray: plain && route !== 'shared' && random.chance(0.01),
    salt: random.below(2 ** 31),
  }
}

function messagePlan(
  random: Random,
  framings: readonly [BodyFraming, ...BodyFraming[]],
): MessagePlan {
  const framing = random.pick(framings)
  const size = framing === 'none' ? 0 : bodySize(random)
  return {
    framing,
    size,
    fields: lengths(random, 5, 300),
    trailers: framing === 'chunked' && random.chance(0.3) ? lengths(random, 3, 100) : [],
    stallAt: stallAt(random, size),
  }
}

function bodySize(random: Random): number {
  const kind = random.next()
  if (kind < 0.2) return 0
  if (kind < 0.85) return 1 + random.below(2000)
  if (kind < 0.94) return random.below(20_000)
  if (kind < 0.975) return 65_536 - 1000 + random.below(1200)
  if (kind < 0.993) return 262_144 - 1000 + random.below(2000)
  if (kind < 0.9955) return 2 ** 20 + random.below(2 ** 20)
  return hugeBytes + random.below(2 ** 22)
}

/** What no reader takes soon has to wait in the gateway, since the system keeps only so much. */
function stallAt(random: Random, size: number): number {
  if (size >= hugeBytes) return random.below(100_000)
  return random.chance(size > 200_000 ? 0.5 : 0.05) ? random.below(size + 1) : -1
}

function lengths(random: Random, most: number, longest: number): number[] {
  return Array.from({ length: 1 + random.below(most) }, () => 1 + random.below(longest))
}
