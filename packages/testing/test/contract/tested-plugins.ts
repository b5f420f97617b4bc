import {
  defineMiddleware,
  definePlugin,
  type MiddlewareFactory,
  type Plugin,
  type PluginGateway,
} from '@gatewright/kernel'
import { expect } from 'vitest'
import { contractChecks, type PluginContract } from '../../src/index.ts'

/** Runs the one check of that name. */
export async function outcomeOf(
  tested: Plugin,
  contract: PluginContract,
  name: RegExp,
): Promise<string> {
  const groups = await contractChecks(tested, contract)
  const named = groups.flatMap(({ subject, checks }) =>
    checks.map((check) => ({ title: `${subject}: ${check.name}`, ...check })),
  )
  const found = named.filter(({ title }) => name.test(title))
  expect(found).toHaveLength(1)
  try {
    await found[0]?.run()
    return 'kept'
  } catch (error) {
    return String(error)
  }
}

export function plugin(setup: (gateway: PluginGateway) => unknown): Plugin<undefined> {
  return definePlugin({ name: 'tested', setup: async (gateway) => void (await setup(gateway)) })
}

export function withMiddleware(parts: Partial<MiddlewareFactory>): Plugin {
  return plugin((gateway) =>
    gateway.middlewares.register(
      defineMiddleware<object>({
        type: 'tested',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => ({ onRequest: () => undefined }),
        ...parts,
      }),
    ),
  )
}

export function withOptions(properties: MiddlewareFactory['schema']['properties']): Plugin {
  const limit = { type: 'integer', description: 'How many.' }
  const per = { duration: true, default: '1s', description: 'For how long.' } as const
  return withMiddleware({
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: { limit, per, ...properties },
    },
  })
}
