import { describe, expect, it } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import {
  bareMiddleware,
  type MemoryGateway,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'

const plugins = [
  plugin('picky', ({ middlewares }) => {
    middlewares.register(bareMiddleware('plain', () => ({ onRequest: () => undefined })))
    middlewares.register({
      ...bareMiddleware('picky', () => ({ onRequest: () => undefined })),
      advise: (before) => before.find(({ dryRun }) => !dryRun)?.name.concat(' hides it'),
    })
  }),
]

describe('what stands oddly in a router', () => {
  const odd = { router: 'app', middleware: 'picky', msg: 'plain hides it' }

  it('is a warning at the start', async () => {
    await using memory = await startMemory(chain(['plain', 'picky']), plugins)

    expect(warningsOf(memory)).toMatchObject([{ level: 'warn', ...odd }])
  })

  it.each([
    { what: 'the right order', config: chain(['picky', 'plain']) },
    { what: 'what is on trial', config: chain(['plain', 'picky'], { dry_run: true }) },
  ])('is not $what', async ({ config }) => {
    await using memory = await startMemory(config, plugins)

    expect(warningsOf(memory)).toEqual([])
  })

  it('is told by validate, too', async () => {
    await using memory = await startMemory(plainConfig(), plugins)

    const problems = await memory.gateway.validate(chain(['plain', 'picky']))

    expect(problems).toEqual([])
    expect(warningsOf(memory)).toMatchObject([odd])
  })

  it('is told once, until it was put right and is there again', async () => {
    await using memory = await startMemory(chain(['plain', 'picky']), plugins)

    await memory.reload(chain(['plain', 'picky'], { skip_paths: ['/a'] }))
    expect(warningsOf(memory)).toHaveLength(1)
    await memory.reload(chain(['picky', 'plain']))
    await memory.reload(chain(['plain', 'picky']))

    expect(warningsOf(memory)).toHaveLength(2)
  })

  it('is a middleware that is named more than once', async () => {
    await using memory = await startMemory(chain(['plain', 'plain', 'plain']), plugins)

    expect(warningsOf(memory)).toMatchObject([
      { middleware: 'plain', msg: 'a middleware stands in a router more than once' },
    ])
  })
})

function warningsOf({ logs }: MemoryGateway) {
  return logs.lines.filter(({ router }) => router === 'app')
}

function chain(
  middlewares: readonly string[],
  plain: Readonly<Record<string, unknown>> = {},
): GatewayConfigInput {
  return plainConfig({
    routers: { app: { rule: '/', service: 'app', middlewares } },
    middlewares: { plain: { type: 'plain', ...plain }, picky: { type: 'picky' } },
  })
}
