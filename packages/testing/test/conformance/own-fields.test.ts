import { defineMiddleware, type Middleware, type MiddlewareFactory } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { type MiddlewareCases, middlewareChecks } from '../../src/conformance/index.ts'
import { failingChecks } from './failing-checks.ts'

const name = 'lets no client speak in its place'
const forget: NonNullable<Middleware['onSkip']> = ({ request }) => {
  for (const field of ['x-user', 'x_user']) request.headers.delete(field)
}

describe('the check of fields that only a middleware may set', () => {
  it.each<[string, string, MiddlewareFactory]>([
    [
      'under skip_paths',
      'the upstream believes the "x-user" of a client under "skip_paths"',
      made(() => ({ onRequest: forget })),
    ],
    [
      'in a dry run',
      'the upstream believes the "x-user" of a client in a dry run',
      made((dryRun) => ({ onRequest: dryRun ? () => undefined : forget, onSkip: forget })),
    ],
    [
      'with underscores',
      'the upstream believes the "x_user" of a client',
      made(() => ({ onRequest: ({ request }) => request.headers.delete('x-user') })),
    ],
  ])('finds a client that is believed %s', async (_how, problem, factory) => {
    const failing = await failingChecks(checksOf(factory))

    expect(failing).toEqual({ [name]: problem })
  })

  it('finds nothing where no client is believed', async () => {
    const factory = made(() => ({ onRequest: forget, onSkip: forget }))

    expect(await failingChecks(checksOf(factory))).toEqual({})
  })
})

function checksOf(factory: MiddlewareFactory): ReturnType<typeof middlewareChecks> {
  const cases: MiddlewareCases = { valid: [{}], invalid: [], ownFields: ['x-user'] }
  return middlewareChecks(factory, cases).filter((check) => check.name === name)
}

function made(create: (dryRun: boolean) => Middleware): MiddlewareFactory {
  return defineMiddleware<object>({
    type: 'tested',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: (_, { dryRun }) => create(dryRun),
  })
}
