import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

describe('a middlewares block', () => {
  it.each<[string, unknown, Partial<ConfigProblem>]>([
    [
      'without a type',
      { rate: 5 },
      { path: ['middlewares', 'm'], code: 'GW_CONFIG_MISSING_KEY', message: '"type" is required' },
    ],
    [
      'with a type that is no text',
      { type: 5 },
      {
        path: ['middlewares', 'm', 'type'],
        code: 'GW_CONFIG_TYPE',
        message: 'expected a string, found 5',
      },
    ],
    [
      'with an unknown type',
      { type: 'limt' },
      {
        path: ['middlewares', 'm', 'type'],
        message: 'unknown middleware type "limt"; did you mean "limit"?',
      },
    ],
    ['without what it needs', { type: 'limit' }, { message: '"rate" is required' }],
    [
      'with an unknown key',
      { type: 'limit', rate: 1, skip_path: ['/'] },
      { path: ['middlewares', 'm', 'skip_path'], suggestion: 'skip_paths' },
    ],
    ['that is none', ['x', 'y'], { path: ['middlewares', 'm'] }],
  ])('is refused %s', async (_how, block, problem) => {
    expect(await problemsOf({ middlewares: { m: block } })).toMatchObject([problem])
  })

  it('is checked even if no router names it', async () => {
    expect(await problemsOf({ middlewares: { m: { type: 'limit', rate: 'x' } } })).toHaveLength(1)
  })

  it('gives its factory its own keys only', async () => {
    const got: unknown[] = []
    const config = { middlewares: { m: { type: 'limit', rate: 5, dry_run: true } } }
    await using memory = await startMemory(config, [limiting((options) => got.push(options))])

    expect(got).toEqual([{ rate: 5, burst: 1 }])
    expect(memory.gateway.snapshot.config.middlewares['m']).toEqual({
      type: 'limit',
      rate: 5,
      burst: 1,
      skip_paths: [],
      scope: 'definition',
      dry_run: true,
    })
  })
})

describe('the schema of a factory', () => {
  it.each(['type', 'skip_paths', 'scope', 'dry_run'])('cannot have the key "%s"', async (key) => {
    const greedy = plugin('greedy', ({ middlewares }) =>
      middlewares.register({
        type: 'greedy',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { [key]: { type: 'string', description: 'Mine.' } },
        },
        create: () => ({}),
      }),
    )

    await expect(startMemory({}, [greedy])).rejects.toMatchObject({
      code: 'GW_PLUGIN_SCHEMA_INVALID',
      message: `middleware type "greedy" of plugin "greedy" has the option "${key}", which belongs to the kernel`,
    })
  })

  it('is a problem at the block if it makes no sense', async () => {
    const odd = plugin('odd', ({ middlewares }) =>
      middlewares.register({
        type: 'odd',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { a: { type: 'string', minLength: 'x', description: 'Nothing.' } },
        } as never,
        create: () => ({}),
      }),
    )
    await using memory = new MemoryGateway([odd])

    expect(
      await memory.gateway.validate(plainConfig({ middlewares: { m: { type: 'odd' } } })),
    ).toMatchObject([
      {
        path: ['middlewares', 'm'],
        code: 'GW_PLUGIN_SCHEMA_INVALID',
        message:
          'middleware type "odd" of plugin "odd" has a wrong "schema": option "a": minLength must be integer',
      },
    ])
  })
})

interface LimitOptions {
  rate: number
  burst: number
}

function limiting(use: (options: LimitOptions) => void): Plugin {
  return plugin('limiting', ({ middlewares }) =>
    middlewares.register({
      type: 'limit',
      schema: {
        type: 'object',
        additionalProperties: false,
        required: ['rate'],
        properties: {
          rate: { type: 'integer', description: 'How many.' },
          burst: { type: 'integer', default: 1, description: 'How many at once.' },
        },
      },
      create: (options: LimitOptions) => {
        use(options)
        return { onRequest: () => undefined }
      },
    }),
  )
}

async function problemsOf(config: GatewayConfigInput): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway([limiting(() => undefined)])
  return await memory.gateway.validate(plainConfig(config))
}
