import { describe, expect, it } from 'vitest'
import { defineMiddleware } from '../src/middleware.ts'
import type { Plugin } from '../src/plugin.ts'
import {
  chainConfig,
  MemoryGateway,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'

describe('a deprecated option', () => {
  it('is understood, and told of once with what to write instead', async () => {
    const config = chainConfig({ it: { type: 'old', burst: 2, list: [{ a: 'x' }, {}] } })
    await using memory = await startMemory(config, [old])
    await memory.reload(chainConfig({ it: { type: 'old', burst: 2, list: [{ a: 'x' }, {}] } }))

    expect(memory.logs.lines.filter(({ code }) => code === 'GW_CONFIG_DEPRECATED')).toMatchObject([
      {
        level: 'warn',
        path: 'middlewares.it.burst',
        msg: '"burst" is deprecated since 1.2, and gone in 2.0; use "bucket": counts are per second now',
      },
      { path: 'middlewares.it.list.0.a', msg: '"a" is deprecated' },
    ])
    expect(await memory.send()).toMatchObject({ headers: { 'x-burst': '2' } })
  })

  it('is not told of where it only has a default', async () => {
    await using memory = await startMemory(chainConfig({ it: { type: 'old' } }), [old])

    expect(memory.logs.lines.filter(({ code }) => code === 'GW_CONFIG_DEPRECATED')).toEqual([])
    expect(await memory.send()).toMatchObject({ headers: { 'x-burst': '1' } })
  })
})

describe('something else that is deprecated', () => {
  it('is told of once per process and code', async () => {
    await using memory = new MemoryGateway([user('one'), user('two')])

    await memory.gateway.start(plainConfig())

    expect(memory.logs.lines.filter(({ code }) => code === 'GW_TEST_OLD_CALL')).toMatchObject([
      { level: 'warn', plugin: 'one', msg: 'old() goes away; call new()' },
    ])
  })
})

function user(name: string): Plugin {
  return plugin(name, (gateway) => {
    gateway.deprecate('GW_TEST_OLD_CALL', 'old() goes away; call new()')
    gateway.deprecate('GW_TEST_OLD_CALL', 'old() goes away; call new()')
  })
}

interface OldOptions {
  burst: number
  list: { a?: string }[]
}

const old = plugin('old', (gateway) =>
  gateway.middlewares.register(
    defineMiddleware<OldOptions>({
      type: 'old',
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          burst: {
            type: 'integer',
            default: 1,
            description: 'Of old.',
            'x-gatewright-deprecated': {
              since: '1.2',
              removeIn: '2.0',
              replacedBy: 'bucket',
              message: 'counts are per second now',
            },
          },
          list: {
            type: 'array',
            default: [],
            description: 'Of blocks.',
            items: {
              type: 'object',
              additionalProperties: false,
              properties: {
                a: { type: 'string', description: 'Of old.', 'x-gatewright-deprecated': {} },
              },
            },
          },
        },
      },
      create: ({ burst }) => ({
        onResponse: (_ctx, response) => response.headers.set('x-burst', String(burst)),
      }),
    }),
  ),
)
