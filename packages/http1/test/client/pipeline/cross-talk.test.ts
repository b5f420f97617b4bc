import { setImmediate as nextTurn } from 'node:timers/promises'
import { errors } from '@gatewright/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBody, type Sender } from '../sender.ts'
import { type RawConnection, RawUpstream } from './raw-upstream.ts'
import { startShared } from './shared.ts'

/** What a response is like. The last three end the connection, each in its way. */
const kinds = ['length', 'chunked', 'empty', 'hints', 'closing', 'until-close', 'cut'] as const

const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  /** In how many turns of the event loop it comes. */
  turn: fc.nat({ max: 8 }),
  /** In how many more its client goes away; most stay. */
  leaves: fc.option(fc.nat({ max: 12 }), { freq: 4 }),
  /** In how many after its head the body is taken. */
  takes: fc.oneof(fc.constant(0), fc.nat({ max: 6 })),
  kind: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...kinds.slice(0, 4)) },
    { weight: 1, arbitrary: fc.constantFrom(...kinds.slice(4)) },
  ),
  size: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 30_000 })),
  /** Bytes that are no response follow it. */
  surplus: fc.oneof(
    { weight: 60, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constant('x') },
  ),
  /** They come with its last piece. */
  glued: fc.boolean(),
  /** Where the bytes of the response are split, as shares of its length. */
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
})

type Planned = typeof request extends fc.Arbitrary<infer T> ? T : never

/** Where the end of the connection ends a body, all that comes before it belongs to the body. */
const surplusThatIsBody = [like({ kind: 'until-close', surplus: 'x' }), like()]

/** The third request has the connection given up, so that later ones share another one. */
const headOnSecondConnection = [
  like({ method: 'HEAD', turn: 6 }),
  like({ cuts: [0] }),
  like({ leaves: 5, kind: 'chunked', cuts: [0.65, 0] }),
  like({ turn: 6 }),
  like({ turn: 5 }),
  like(),
  like(),
]

describe('requests that share connections', () => {
  it.each([
    { depth: 16, maxConnections: 0 },
    { depth: 4, maxConnections: 2 },
  ])(
    'get their own response or none, whatever clients and upstream do: $depth, $maxConnections',
    {
      timeout: 120_000,
    },
    async ({ depth, maxConnections }) => {
      const requests = fc.array(request, { minLength: 2, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(requests, async (plan) => {
          await using upstream = await RawUpstream.start()
          using sender = await startShared(upstream, { depth }, { maxConnections })
          serve(upstream.shared, plan)

          const results = await Promise.all(
            plan.map((planned, index) => ask(sender, planned, index)),
          )

          for (const [index, result] of results.entries())
            expect(result).toBeOneOf(mayBe(plan, index))
        }),
        { numRuns: 150, examples: [[surplusThatIsBody], [headOnSecondConnection]] },
      )
    },
  )
})

/** What a request may come to. */
function mayBe(plan: readonly Planned[], index: number): string[] {
  const { method, leaves, kind, surplus = '' } = plan[index] ?? {}
  const target = `/${index}`
  const body = bodyFor(plan, target) + (kind === 'until-close' ? surplus : '')
  const bodies = method === 'HEAD' ? [''] : [`elsewhere ${target}`, body]
  const aborts = leaves === null ? [] : ['GW_CLIENT_ABORTED', 'GW_BODY_ABORTED']
  const cut = kind === 'cut' ? ['GW_UPSTREAM_RESET'] : []
  // What does not belong there stands in the place of the next response.
  const others = plan.filter((_other, place) => place !== index)
  const garbage = others.some((other) => other.surplus !== '') ? ['GW_UPSTREAM_PROTOCOL'] : []
  return [...bodies, ...aborts, ...cut, ...garbage]
}

/** Sends one request at its time. The result is its body, or the code of an error. */
async function ask(sender: Sender, planned: Planned, index: number): Promise<string> {
  for (let turn = 0; turn < planned.turn; turn++) await nextTurn()
  const { ctx, outcome } = sender.begin({ method: planned.method, target: `/${index}` })
  if (planned.leaves !== null)
    void leave(planned.leaves, () => ctx.abort(errors.GW_CLIENT_ABORTED()))
  const { response, error } = await outcome
  if (error !== undefined) return error.code
  for (let turn = 0; turn < planned.takes; turn++) await nextTurn()
  return readBody(response).catch((reason: { readonly code: string }) => reason.code)
}

async function leave(turns: number, go: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
  go()
}

/** Answers what comes on a connection as planned, in order, in the planned pieces. */
function serve(connection: RawConnection, plan: readonly Planned[]): void {
  const { socket } = connection
  let last: Promise<unknown> = Promise.resolve()
  connection.answer((target) => {
    const planned = plan[Number(target.slice(1))]
    if (planned === undefined) return
    last = last.then(() => send(connection, responseFor(plan, target), planned))
  })
  socket.on('close', () => connection.answer(() => undefined))
}

async function send({ socket }: RawConnection, bytes: string, planned: Planned): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return
  const { cuts, surplus, glued } = planned
  const ends = cuts.map((share) => Math.floor(share * bytes.length)).toSorted((a, b) => a - b)
  let from = 0
  for (const to of [...ends, bytes.length]) {
    const end = to === bytes.length && glued ? surplus : ''
    if (to > from) socket.write(bytes.slice(from, to) + end)
    from = to
    await nextTurn()
  }
  if (!glued && surplus !== '') socket.write(surplus)
  if (planned.kind === 'cut') socket.resetAndDestroy()
  else if (planned.kind === 'until-close') socket.end()
}

function responseFor(plan: readonly Planned[], target: string): string {
  const { kind, method } = plan[Number(target.slice(1))] ?? {}
  const body = bodyFor(plan, target)
  const whole = method === 'HEAD' ? '' : body
  if (kind === 'hints')
    return `HTTP/1.1 103 Early Hints\r\nlink: <${target}>\r\n\r\n${head(body)}${whole}`
  if (kind === 'closing') return `${head(body, 'connection: close\r\n')}${whole}`
  if (kind === 'until-close') return `HTTP/1.1 200 OK\r\n\r\n${whole}`
  if (kind === 'chunked')
    return `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${method === 'HEAD' ? '' : chunksOf(body)}`
  if (kind === 'cut') return `${head(`${body}more`)}${whole}`
  return `${head(body)}${whole}`
}

function head(body: string, more: string = ''): string {
  return `HTTP/1.1 200 OK\r\n${more}content-length: ${body.length}\r\n\r\n`
}

function chunksOf(body: string): string {
  const half = Math.floor(body.length / 2)
  const pieces = [body.slice(0, half), body.slice(half)].filter((piece) => piece !== '')
  return `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`
}

/** No two requests have the same. */
function bodyFor(plan: readonly Planned[], target: string): string {
  const { kind, size = 0 } = plan[Number(target.slice(1))] ?? {}
  return kind === 'empty' ? '' : `shared ${target} `.padEnd(size, `${target} `)
}

/** A plain request, but for what is given. */
function like(given: Partial<Planned> = {}): Planned {
  return {
    method: 'GET',
    turn: 0,
    leaves: null,
    takes: 0,
    kind: 'length',
    size: 0,
    surplus: '',
    glued: true,
    cuts: [],
    ...given,
  }
}
