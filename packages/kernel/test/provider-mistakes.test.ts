import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import { defineErrors } from '../src/gateway-error.ts'
import type { Plugin } from '../src/plugin.ts'
import type { LoadContext } from '../src/provider.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const title = 'provider "feed" of plugin "feeds"'
const useless = 'provider said nothing of use; what it said before stays'
const leftOut = 'a part of the configuration is left out'
const errors = defineErrors({
  GW_FEED_GONE: { status: 502, source: 'config', message: () => 'the feed is gone' },
})

describe('a provider that says what is no configuration', () => {
  it.each([
    [undefined, 'undefined from watch; expected a configuration such as { routers, services }'],
    [5, 'number from watch; expected a configuration'],
    [new Map(), 'Map from watch; expected a configuration'],
    [errors.GW_FEED_GONE(), 'GatewayError from watch; expected a configuration'],
    [{ parts: [] }, '{ parts } from watch; expected the list of parts itself'],
    [{ source: 'a', input: {} }, 'a part from watch; expected a list of parts, also of one'],
  ])('is told so once, and what it said before stays: %o', async (value, told) => {
    const values = [router('/a'), value, value]
    await using memory = await startMemory(config(), [saying(values)])

    expect(memory.logs.find(useless)).toMatchObject([
      {
        level: 'error',
        provider: 'feed',
        code: 'GW_PLUGIN_BAD_RESULT',
        problem: expect.stringContaining(`${title} returned ${told}`),
      },
    ])
    expect(memory.gateway.providers).toMatchObject([
      { state: 'failed', problem: { code: 'GW_PLUGIN_BAD_RESULT' }, syncs: { error: 2 } },
    ])
    expect((await memory.send({ target: '/a' })).status).toBe(200)
  })

  it.each([
    [{ routers: {} }, 'a part without "source" (number 2 of its list) from watch'],
    [undefined, 'Array from watch; expected a list of parts { source, input }'],
    [{ source: 'b' }, 'a part "b" whose "input" is undefined from watch'],
    [{ source: 'b', input: new Error('no') }, 'a part "b" whose "input" is another error'],
    [{ source: 'a', input: {} }, 'two parts with the source "a", of which the first counts,'],
  ])('loses that part only: %o', async (part, told) => {
    const values = [[{ source: 'a', input: router('/a') }, part]]
    await using memory = await startMemory(config(), [saying(values)])

    expect(memory.logs.find(leftOut)).toMatchObject([
      { provider: 'feed', problem: expect.stringContaining(`${title} returned ${told}`) },
    ])
    expect(memory.gateway.providers).toMatchObject([{ state: 'degraded' }])
    expect((await memory.send({ target: '/a' })).status).toBe(200)
  })

  it.each([
    [undefined, 'undefined from load'],
    [[{ routers: {} }], 'a part without "source" (number 1 of its list) from load'],
  ])('is refused when it loads that: %o', async (value, told) => {
    await using memory = new MemoryGateway([loading(() => value)])

    const problems = await memory.gateway.validate(config())

    expect(problems).toMatchObject([
      {
        code: 'GW_PLUGIN_BAD_RESULT',
        message: expect.stringContaining(`${title} returned ${told}`),
      },
    ])
    await expect(memory.gateway.start(config())).rejects.toMatchObject({
      problems: [{ code: 'GW_PLUGIN_BAD_RESULT' }],
    })
  })
})

describe('a provider that cannot be watched', () => {
  it.each([
    [undefined, 'undefined from create; expected an object with the method "watch"'],
    [{ async watch() {} }, 'an object whose "watch" is an async function from create'],
  ])('is refused before anything starts: %o', async (made, told) => {
    await using memory = new MemoryGateway([feeds({ create: () => made })])

    expect(await memory.gateway.validate(config())).toMatchObject([
      { path: ['providers', 'feed'], message: expect.stringContaining(told) },
    ])
  })

  it.each([
    ['a promise', () => Promise.reject(new Error('no')), 'a promise from watch; expected an async'],
    ['an end', async function* () {}, 'nothing from watch; expected a configuration at least'],
  ])('is told so once, and nobody waits for it: %s', async (_, watch, told) => {
    await using memory = await startMemory(config(), [watching(watch)])
    await vi.advanceTimersByTimeAsync(5000)

    expect(memory.logs.find(useless)).toMatchObject([
      { code: 'GW_PLUGIN_BAD_RESULT', problem: expect.stringContaining(told) },
    ])
    expect(memory.gateway.providers).toMatchObject([{ state: 'failed', syncs: { error: 1 } }])
  })

  it('says in its status why it failed', async () => {
    const failing = watching(async function* () {
      yield router('/a')
      throw errors.GW_FEED_GONE()
    })
    await using memory = await startMemory(config(), [failing])

    expect(memory.gateway.providers).toMatchObject([
      { state: 'failed', problem: { code: 'GW_FEED_GONE', message: 'the feed is gone' } },
    ])
    expect(memory.logs.find('provider failed; it starts again')).toMatchObject([
      { code: 'GW_FEED_GONE', problem: 'the feed is gone' },
    ])
  })
})

describe('a provider that fails to load', () => {
  it('is told of at its block, or at the option that it names', async () => {
    let option: string[] = []
    const failing = loading(() => {
      throw errors.GW_FEED_GONE(undefined, { option })
    })
    await using memory = new MemoryGateway([failing])
    const placed: ConfigDocumentOf = { config: config(), normalise: (value) => value, place }

    expect(await memory.gateway.validate(placed)).toMatchObject([
      { path: ['providers', 'feed'], message: 'the feed is gone', file: 'main.hcl', line: 2 },
    ])
    option = ['url']
    expect(await memory.gateway.validate(placed)).toMatchObject([
      { path: ['providers', 'feed', 'url'], file: 'main.hcl', line: 3 },
    ])
  })

  it('is told of after three seconds, and given up after a minute', async () => {
    let given: AbortSignal | undefined
    const hanging = loading((context) => {
      given = context.signal
      return forever
    })
    const memory = new MemoryGateway([hanging])
    const starting = memory.gateway.start(config())

    await vi.advanceTimersByTimeAsync(3000)
    expect(memory.logs.find('waiting for a provider to load')).toMatchObject([
      { provider: 'feed', longest: '60 s' },
    ])
    expect(given?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(57_000)
    await starting

    expect(given?.aborted).toBe(true)
    expect(memory.gateway.providers).toMatchObject([
      {
        state: 'failed',
        problem: { message: expect.stringContaining('nothing was loaded within 60 s') },
        refused: [{ standIn: 'nothing' }],
        syncs: { error: 1 },
      },
    ])
    await memory.gateway.shutdown()
  })

  it('does not hold up a gateway that stops before it has started', async () => {
    let loads = 0
    const hanging = loading(() => (loads++, forever))
    const memory = new MemoryGateway([hanging])
    const understanding = memory.gateway.understand(config())
    await vi.waitFor(() => expect(loads).toBe(1))

    await memory.gateway.shutdown()

    const message = expect.stringMatching(/ failed in load: the gateway stops$/)
    expect(await understanding).toMatchObject({ problems: [{ message }] })
  })

  it('does not hold up a shutdown', async () => {
    let loads = 0
    const hanging = loading(() => (loads++ > 0 ? forever : []))
    const memory = await startMemory(config(), [hanging])
    const reloading = memory.gateway.reload(config())
    await vi.waitFor(() => expect(loads).toBe(2))

    await memory.gateway.shutdown()
    await reloading

    expect(memory.gateway.state).toBe('stopped')
  })
})

type ConfigDocumentOf = Parameters<MemoryGateway['gateway']['validate']>[0]

const forever = new Promise<never>(() => undefined)

function place<P extends { readonly path: readonly unknown[] }>(
  problem: P,
): P & { file: string; line: number } {
  return { ...problem, file: 'main.hcl', line: problem.path.length }
}

function watching(watch: (signal: AbortSignal) => unknown): Plugin {
  return feeds({ create: () => ({ watch }) })
}

/** Says these, and no more. */
function saying(values: readonly unknown[]): Plugin {
  return watching(async function* (signal) {
    yield* values
    await aborted(signal)
  })
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

function loading(load: (context: LoadContext) => unknown): Plugin {
  return feeds({ load: (_options, context) => load(context), create: () => ({ watch: silent }) })
}

/** Has nothing to say but what is loaded. */
async function* silent(signal: AbortSignal): AsyncGenerator {
  yield* []
  await aborted(signal)
}

/** A plugin whose author does not use the types. */
function feeds(made: {
  readonly load?: (options: unknown, context: LoadContext) => unknown
  readonly create: () => unknown
}): Plugin {
  return plugin('feeds', ({ providers }) => {
    const factory = {
      type: 'feed',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      precedence: 0,
      ...made,
    }
    // What is tried here is what the types forbid.
    providers.register(factory as unknown as Parameters<typeof providers.register>[0])
  })
}

function router(rule: string): GatewayConfigInput {
  return { routers: { [rule]: { rule, service: 'app' } } }
}

function config(): GatewayConfigInput {
  return plainConfig({ providers: { feed: {} } })
}
