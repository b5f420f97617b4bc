/**
 * A provider that loads what a test has put there.
 */
import { expect, vi } from 'vitest'
import type { GatewayConfigInput } from '../../src/config.ts'
import type { Plugin } from '../../src/plugin.ts'
import type { ConfigPart } from '../../src/provider.ts'
import { type MemoryGateway, plainConfig, plugin } from './memory-gateway.ts'

/** A provider whose parts are loaded from the test. */
export class Shelf {
  parts: Record<string, ConfigPart['input']>
  broken = false
  readonly #strict: boolean
  #wake: () => void = () => undefined

  constructor(parts: Record<string, ConfigPart['input']>, strict = false) {
    this.parts = parts
    this.#strict = strict
  }

  get plugin(): Plugin {
    return plugin('shelf', ({ providers }) =>
      providers.register({
        type: 'shelf',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        precedence: Number.POSITIVE_INFINITY,
        load: () => {
          if (this.broken) throw new Error('the shelf fell down')
          return Object.entries(this.parts).map(([source, input]) => {
            return { source, input, strict: this.#strict }
          })
        },
        create: () => ({ watch: (signal) => this.#watch(signal) }),
      }),
    )
  }

  /** Says that there is something to load. */
  ring(): void {
    this.#wake()
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<readonly ConfigPart[]> {
    signal.addEventListener('abort', () => this.#wake())
    for (;;) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
      if (signal.aborted) return
      yield []
    }
  }
}

/** A router with that rule as its name. */
export function router(rule: string, to = 'app'): GatewayConfigInput {
  return { routers: { [rule]: { rule, service: to } } }
}

/** With the provider, and a router to the service. */
export function config(rest: GatewayConfigInput = {}): GatewayConfigInput {
  return plainConfig({
    providers: { shelf: {} },
    routers: { app: { rule: '/app', service: 'app' } },
    ...rest,
  })
}

/** What requests for these are answered with. */
export async function statuses(
  memory: MemoryGateway,
  ...targets: readonly string[]
): Promise<number[]> {
  const replies = await Promise.all(targets.map((target) => memory.send({ target })))
  return replies.map(({ status }) => status)
}

/** Comes back when requests have these outcomes. */
export async function expectAnswers(
  memory: MemoryGateway,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  const targets = Object.keys(wanted)
  let found: number[] = []
  for (let i = 0; i < 50 && String(found) !== String(Object.values(wanted)); i++) {
    await vi.advanceTimersByTimeAsync(50)
    found = await statuses(memory, ...targets)
  }
  expect(found).toEqual(Object.values(wanted))
}
