import { connect } from 'node:net'
import {
  defineErrors,
  defineMiddleware,
  GatewayResponse,
  type Middleware,
  type MiddlewareFactory,
  type OptionsSchema,
  type Scope,
} from '@gatewright/kernel'
import { afterAll, describe, expect, it } from 'vitest'
import {
  describeMiddleware,
  type MiddlewareCases,
  middlewareChecks,
} from '../../src/conformance/index.ts'
import { failingChecks } from './failing-checks.ts'

interface QuotaOptions {
  readonly limit: number
  readonly per: number
}

const errors = defineErrors({
  GW_QUOTA_SPENT: { status: 429, source: 'client', message: () => 'the quota is spent' },
})

const quota: MiddlewareFactory<QuotaOptions> = defineMiddleware<QuotaOptions>({
  type: 'quota',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['limit'],
    properties: {
      limit: { type: 'integer', minimum: 1, description: 'How many at once.' },
      per: { duration: true, default: '1s', description: 'For how long.' },
    },
    'x-gatewright-examples': [
      { title: 'Ten', hcl: 'middlewares "ten" {\n  type  = "quota"\n  limit = 10\n}\n' },
    ],
  },
  create({ limit }, scope) {
    const bucket = scope.keep(`quota:${scope.name}:${limit}`, () => new Bucket())
    return {
      onRequest(ctx) {
        if (ctx.request.headers.has('x-over')) throw errors.GW_QUOTA_SPENT()
        bucket.taken++
        ctx.defer(() => bucket.taken--)
      },
      onResponse(_, response) {
        response.headers.set('x-limit', String(limit))
      },
    }
  },
})

const quotaCases: MiddlewareCases = {
  valid: [{ limit: 10 }, { limit: 1, per: '250ms' }],
  invalid: [{}, { limit: 0 }, { limit: '1' }],
  rejected: [{ headers: { 'x-over': '1' } }],
}

const slow: MiddlewareFactory<object> = middleware(async (_, scope) => ({
  async around(ctx, next) {
    const response = await next(ctx)
    scope.log.debug('passed')
    return response
  },
}))

describeMiddleware(quota, quotaCases)
describeMiddleware(slow, { valid: [{}], invalid: [{ any: 1 }] })

const cases: MiddlewareCases = { valid: [{}], invalid: [] }
const retained: unknown[] = []
const intervals: NodeJS.Timeout[] = []
let count = 0

/** A fault that somebody could make, the check that finds it, and how it says so. */
const bad: Record<string, [MiddlewareFactory, MiddlewareCases, string, string]> = {
  'a type with capitals': [
    { ...slow, type: 'mySlow' },
    cases,
    'has a type in kebab-case',
    'mySlow',
  ],
  'an option without a description': [
    withSchema({ properties: { limit: { type: 'integer', description: ' ' } } }),
    cases,
    'describes every option',
    'options.limit',
  ],
  'a nested option without a description': [
    withSchema({
      properties: {
        inner: {
          type: 'object',
          additionalProperties: false,
          description: 'Inner.',
          properties: { deep: { type: 'integer' } },
        },
      },
    }),
    cases,
    'describes every option',
    'options.inner.deep',
  ],
  'a pattern without words': [
    withSchema({ properties: { key: { type: 'string', pattern: '^x', description: 'Key.' } } }),
    cases,
    'says in words what each pattern wants',
    'options.key has a pattern',
  ],
  'unknown keys at a depth': [
    withSchema({
      properties: {
        list: {
          type: 'array',
          description: 'List.',
          items: { type: 'object', properties: { a: { type: 'string', description: 'A.' } } },
        },
      },
    }),
    cases,
    'lets no unknown key pass, at any depth',
    'tested.list[]',
  ],
  'an option that belongs to the kernel': [
    withSchema({ properties: { dry_run: { type: 'boolean', description: 'Mine.' } } }),
    cases,
    'leaves the common keys alone',
    'dry_run',
  ],
  'a default that its own schema refuses': [
    withSchema({
      properties: { limit: { type: 'integer', minimum: 1, default: 0, description: 'Limit.' } },
    }),
    { valid: [{ limit: 1 }], invalid: [] },
    'has defaults that are valid',
    'limit: must be >= 1',
  ],
  'valid options that are refused': [
    quota,
    { valid: [{ limit: 5 }, { limit: -5 }], invalid: [] },
    'accepts {"limit":-5}',
    'limit: must be >= 1',
  ],
  'invalid options that are accepted': [
    quota,
    { valid: [{ limit: 5 }], invalid: [{ limit: 7 }] },
    'refuses {"limit":7}',
    'was accepted',
  ],
  'an example with a misspelt key': [
    withSchema({
      properties: {},
      'x-gatewright-examples': [
        { title: 'Wrong', hcl: 'middlewares "x" {\n  type = "tested"\n  limt = 1\n}\n' },
      ],
    }),
    cases,
    'has examples that work',
    'example "Wrong": middlewares.x.limt',
  ],
  'a timer in create': [
    made(() => {
      clearTimeout(setTimeout(() => undefined, 1))
      return { onRequest: () => undefined }
    }),
    cases,
    'opens and starts nothing while a configuration is only checked',
    'Timeout',
  ],
  'a socket in create, after a while': [
    made(async () => {
      await Promise.resolve()
      connect({ host: '127.0.0.1', port: 1 }).on('error', () => undefined)
      return { onRequest: () => undefined }
    }),
    cases,
    'opens and starts nothing while a configuration is only checked',
    'TCPWRAP',
  ],
  'a key that changes with each configuration': [
    made((scope) => {
      scope.keep(`tested:${count++}`, () => new Bucket())
      return { onRequest: () => undefined }
    }),
    cases,
    'keeps its resources over a reload with the same options',
    '1 of 1 kept resources were made again',
  ],
  'an interval that nobody clears': [
    made((scope) => {
      scope.onActivate(() => void intervals.push(setInterval(() => undefined, 60_000).unref()))
      return { onRequest: () => undefined }
    }),
    cases,
    'leaves nothing behind after 200 reloads',
    '201 started things are there: Timeout',
  ],
  'an interval that nobody clears at the end': [
    made((scope) => {
      const clock = scope.keep('tested', () => new Bucket())
      scope.onActivate(() => {
        if (clock.taken++ > 0) return
        intervals.push(setInterval(() => undefined, 60_000).unref())
      })
      return { onRequest: () => undefined }
    }),
    cases,
    'leaves nothing behind after 200 reloads',
    '1 started things are there: Timeout',
  ],
  'instances that something refers to': [
    made(() => {
      const instance = { onRequest: () => undefined }
      retained.push(instance)
      return instance
    }),
    cases,
    'leaves nothing behind after 200 reloads',
    'replaced instances are still referred to',
  ],
  'no handler for requests': [
    made(() => ({ onConnection: () => undefined, onRequest: undefined as never })),
    cases,
    'costs no more than the exchange when a handler throws',
    'middleware "tested" does nothing for routers of kind "http": it has no onRequest, onResponse or around',
  ],
  'a handler that no given request reaches': [
    made(() => ({
      onRequest: (ctx) =>
        ctx.request.method === 'GET' ? new GatewayResponse({ status: 204 }) : undefined,
      onResponse: () => undefined,
    })),
    cases,
    'costs no more than the exchange when a handler throws',
    'no request reached "onResponse"',
  ],
  'state that a fault spoils': [
    made((scope) => {
      const bucket = scope.keep('tested', () => new Bucket())
      return {
        onRequest() {
          if (bucket.taken > 0) throw new Error('it never came back')
          bucket.taken++
        },
        onResponse: () => void bucket.taken--,
      }
    }),
    cases,
    'costs no more than the exchange when a handler throws',
    '"onResponse" throws, and later requests fail, too',
  ],
  'a request that it lets pass': [
    slow,
    { ...cases, rejected: [{ target: '/secret' }] },
    'rejects what it should',
    'GET /secret was answered 200',
  ],
  'a rejection in a dry run': [
    made(() => ({
      around: (ctx, next) =>
        ctx.request.method === 'PUT' ? new GatewayResponse({ status: 403 }) : next(ctx),
    })),
    { ...cases, rejected: [{ method: 'PUT' }] },
    'rejects nothing in a dry run',
    'PUT / was answered 403',
  ],
}

describe('checks of middlewares', () => {
  afterAll(() => {
    for (const interval of intervals) clearInterval(interval)
  })

  it.each(Object.entries(bad))('find %s', async (_, [factory, given, name, problem]) => {
    const failing = await failingChecks(
      middlewareChecks(factory, given).filter((check) => check.name === name),
    )

    expect(failing[name]).toContain(problem)
  })

  it('find nothing in a good one', async () => {
    expect(await failingChecks(middlewareChecks(quota, quotaCases))).toEqual({})
  })
})

class Bucket implements Disposable {
  taken = 0;
  [Symbol.dispose](): void {
    this.taken = 0
  }
}

function middleware(
  create: (options: object, scope: Scope) => Middleware | Promise<Middleware>,
): MiddlewareFactory<object> {
  return defineMiddleware({
    type: 'tested',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create,
  })
}

function made(create: (scope: Scope) => Middleware | Promise<Middleware>): MiddlewareFactory {
  return middleware((_, scope) => create(scope))
}

/** A schema that the compiler would refuse; in plain JavaScript nothing does. */
function withSchema(parts: object): MiddlewareFactory {
  const schema: object = { type: 'object', additionalProperties: false, properties: {}, ...parts }
  return { ...slow, schema: schema as OptionsSchema<object> }
}
