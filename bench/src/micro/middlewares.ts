/**
 * What each middleware adds to a request that it lets pass, and each section that tells of requests.
 *
 * @module
 */
import { createHmac } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { isThenable, type Plugin, type RequestContext } from '@gatewright/kernel'
import type { MicroResult } from './micro.ts'
import { type Block, type Mounted, mount, type Sections } from './mounted.ts'

/** A middleware, and a request that it lets pass without input or output. */
export interface PassingCase {
  readonly name: string
  readonly block?: Block
  /** Instead of a middleware. */
  readonly sections?: Sections
  /** What the request must have for it: name, value, … */
  readonly fields: readonly string[]
  /** Those that bring the type; default: the first-party ones. */
  readonly plugins?: readonly Plugin[]
}

/** How often, and how many requests each time. */
export interface Effort {
  readonly rounds: number
  readonly requests: number
}

const usual: Effort = { rounds: 200, requests: 500 }
const secret = 'a secret of the benchmark that is long enough'
const origin = 'https://example.com'
const hugeRate = 100_000_000

/** Every middleware that asks nobody else while it lets a request pass. */
export const passingCases: readonly PassingCase[] = [
  passing('ip-allow', { allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] }),
  passing('cors', { allowed_origins: [origin] }, ['origin', origin]),
  passing('rate-limit', { rate: hugeRate, burst: hugeRate }),
  passing('headers', {
    request_headers: { 'x-zone': 'us' },
    response_headers: { 'x-frame-options': 'DENY' },
  }),
  passing('strip-prefix', { prefixes: ['/users'] }),
  passing('add-prefix', { prefix: '/app' }),
  passing('replace-path', { path: '/app' }),
  passing('redirect', { scheme: 'http' }),
  passing('body-limit', { max_body_bytes: 1_048_576 }),
  passing('api-key', { consumers: { ann: [secret] } }, ['x-api-key', secret]),
  {
    // The password is "pass:wörd" and slow to verify, so it is remembered once it was right.
    ...passing('basic-auth', {
      users: ['bea:$2y$05$R9R.iVmsEyJg3MMOIJtvJe52f3vMNTei20Di6QZVyR68Q.cyBlflq'],
    }),
    name: 'basic-auth (remembered login)',
    fields: ['authorization', `Basic ${Buffer.from('bea:pass:wörd').toString('base64')}`],
  },
  {
    ...passing('jwt', { value: secret }),
    name: 'jwt (remembered token)',
    fields: ['authorization', `Bearer ${createToken()}`],
  },
  { ...passing('circuit-breaker', {}), name: 'circuit-breaker (closed)' },
  { ...passing('retry', {}), name: 'retry (no failure)' },
  {
    ...passing('compress', {}, ['accept-encoding', 'gzip, br']),
    name: 'compress (nothing to compress)',
  },
]

/** Every section that looks at all requests, as far as that costs anything. */
export const sectionCases: readonly PassingCase[] = [
  section('metrics', {}),
  section('access_log', { output: '/dev/null' }),
  section('tracing', { request_id: 'none' }),
  section('debug', { allow: ['127.0.0.1'] }),
]

/** What the chain without a middleware costs, and then what each middleware adds to that. */
export async function measureMiddlewares(
  cases: readonly PassingCase[] = [...passingCases, ...sectionCases],
  effort: Effort = usual,
): Promise<readonly MicroResult[]> {
  await using stack = new AsyncDisposableStack()
  const entrants: Entrant[] = []
  for (const { name, block, sections, fields, plugins } of [nothing, ...cases]) {
    const mounted = stack.use(await mount(block, plugins, sections))
    const kind = sections === undefined ? 'middleware' : 'section'
    const entrant = new Entrant(block || sections ? `${kind} ${name}` : name, mounted, fields)
    // The first request may have to wait for what is remembered from then on.
    await entrant.run(1)
    entrants.push(entrant)
  }
  // All in turn: the chain has seen every kind before it counts, and the machine is the same.
  for (let i = 0; i < effort.rounds; i++) {
    for (const entrant of entrants) entrant.take(await entrant.run(effort.requests))
    // What logs write is taken from them between turns.
    await setImmediate()
  }
  const [without, ...others] = entrants.map(({ name, best }) => ({ name, ...best }))
  if (without === undefined) throw new Error('nothing was measured')
  return [
    { name: without.name, nanos: without.nanos },
    ...others.map(({ name, nanos, waits }) => ({
      name: `${name}, beyond that${waits ? '; not synchronous' : ''}`,
      nanos: nanos - without.nanos,
    })),
  ]
}

const nothing: PassingCase = { name: 'exchange without middlewares', fields: [] }

interface Figure {
  readonly nanos: number
  /** True if requests had to wait for a promise. */
  readonly waits: boolean
}

/** One gateway and its best run. */
class Entrant {
  readonly name: string
  best: Figure = { nanos: Infinity, waits: false }
  readonly #mounted: Mounted
  readonly #fields: readonly string[]

  constructor(name: string, mounted: Mounted, fields: readonly string[]) {
    this.name = name
    this.#mounted = mounted
    this.#fields = fields
  }

  /** Only what happens between a complete request head and the end of the exchange counts. */
  async run(requests: number): Promise<Figure> {
    const { open } = this.#mounted
    const exchanges = Array.from({ length: requests }, () => open(this.#fields))
    const start = process.hrtime.bigint()
    let waited = 0
    for (const ctx of exchanges) {
      const pending = this.#pass(ctx)
      if (pending === undefined) continue
      waited++
      await pending
    }
    const nanos = Number(process.hrtime.bigint() - start) / requests
    // A single one waits where something that was remembered has expired.
    return { nanos, waits: waited > requests / 2 }
  }

  take(figure: Figure): void {
    if (figure.nanos < this.best.nanos) this.best = figure
  }

  #pass(ctx: RequestContext): PromiseLike<void> | undefined {
    const { handle, close } = this.#mounted
    const end = (status: number): void => {
      if (status !== 200) throw new Error(`${this.name} answered ${status}`)
      close(ctx)
    }
    const response = handle(ctx)
    if (isThenable(response)) return response.then((settled) => end(settled.status))
    end(response.status)
    return undefined
  }
}

function passing(
  type: string,
  options: Readonly<Record<string, unknown>>,
  fields: readonly string[] = [],
): PassingCase {
  return { name: type, block: { ...options, type }, fields }
}

function section(type: string, options: Readonly<Record<string, unknown>>): PassingCase {
  return { name: type, sections: { [type]: options }, fields: [] }
}

/** Signed with the secret, and valid beyond the life of any machine. */
function createToken(): string {
  const [head, claims] = [{ alg: 'HS256' }, { sub: 'ann', exp: 4_102_444_800 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const signature = createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url')
  return `${head}.${claims}.${signature}`
}
