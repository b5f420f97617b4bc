import { EventEmitter, on, once } from 'node:events'
import type { GatewayConfigInput, Provider, ProviderFactory } from '@gatewright/kernel'
import { afterAll, describe, expect, it } from 'vitest'
import { describeProvider, providerChecks } from '../../src/conformance/index.ts'
import { failingChecks } from './failing-checks.ts'

const source = new EventEmitter()
const cases = {
  valid: [{}],
  invalid: [{ any: 1 }],
  change: () => void source.emit('change'),
} as const

describeProvider(provider(watchSource), cases)

/** A fault that somebody could make, the check that finds it, and how it says so. */
const bad: Record<string, [Provider['watch'], string, string]> = {
  'silence until something changes': [
    async function* silent(signal) {
      await aborted(signal)
      yield {}
    },
    'tells at once what there is',
    'nothing comes',
  ],
  'a change that goes unheard': [
    async function* deaf(signal) {
      yield {}
      await aborted(signal)
    },
    'tells again when its source changes',
    'the change does not come',
  ],
  'an end after the first value': [
    async function* brief() {
      yield {}
    },
    'tells again when its source changes',
    'it ended with the change',
  ],
  'a watcher that cannot be stopped': [
    async function* stubborn() {
      yield {}
      await new Promise(() => undefined)
    },
    'stops when it is told to, and leaves nothing',
    'it goes on after it was told to stop',
  ],
  'a timer that is left': [
    async function* polling(signal) {
      const interval = setInterval(() => undefined, 60_000).unref()
      stoppers.push(() => clearInterval(interval))
      yield {}
      await aborted(signal)
    },
    'stops when it is told to, and leaves nothing',
    '1 started things are there: Timeout',
  ],
  'a start after it was stopped': [
    async function* eager() {
      yield {}
    },
    'does not begin when it is stopped already',
    'it had something to say',
  ],
  'a second start that fails': [
    firstOnly(),
    'can begin again',
    'the first value is no configuration',
  ],
}

const stoppers: (() => void)[] = []

describe('checks of providers', () => {
  afterAll(() => {
    for (const stop of stoppers) stop()
  })

  // Some of them wait for what never comes; they wait together.
  it.concurrent.each(Object.entries(bad))('find %s', async (_, [watch, name, problem]) => {
    const failing = await failingChecks(
      providerChecks(provider(watch), cases).filter((check) => check.name === name),
    )

    expect(failing[name]).toContain(problem)
  })
})

function provider(watch: Provider['watch']): ProviderFactory<object> {
  return {
    type: 'tested',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({ watch }),
  }
}

async function* watchSource(signal: AbortSignal): AsyncGenerator<GatewayConfigInput> {
  if (signal.aborted) return
  // Listens first, so that nothing is missed.
  const following = changes(signal)
  yield {}
  yield* following
}

function changes(signal: AbortSignal): AsyncGenerator<GatewayConfigInput> {
  const events = on(source, 'change', { signal })
  return (async function* untilAborted() {
    try {
      for await (const _ of events) yield {}
    } catch (error) {
      if (!signal.aborted) throw error
    }
  })()
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

function firstOnly(): Provider['watch'] {
  let begun = false
  return async function* single(signal) {
    if (begun) return
    begun = true
    yield* watchSource(signal)
  }
}
