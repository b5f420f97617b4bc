import { describe, expectTypeOf, it } from 'vitest'
import { defineMiddleware } from '../src/middleware.ts'
import { definePlugin } from '../src/plugin.ts'
import type { OptionsSchema } from '../src/schema.ts'

interface Options {
  rate: number
  burst?: number
  mode: 'soft' | 'hard'
  paths: string[]
  labels: Record<string, number>
  nested: { on: boolean }
  switched: boolean | { size: number }
  anything: unknown
}

const described = { description: 'Something.' }

const whole: OptionsSchema<Options> = {
  type: 'object',
  additionalProperties: false,
  required: ['rate'],
  properties: {
    rate: { type: 'integer', minimum: 1, ...described },
    burst: { type: 'number', ...described },
    mode: { type: 'string', enum: ['soft', 'hard'], default: 'soft', ...described },
    paths: { type: 'array', items: { type: 'string' }, default: [], ...described },
    labels: { type: 'object', additionalProperties: { type: 'integer' }, ...described },
    nested: {
      type: 'object',
      additionalProperties: false,
      properties: { on: { type: 'boolean', default: true, ...described } },
      ...described,
    },
    switched: {
      type: ['boolean', 'object'],
      additionalProperties: false,
      default: false,
      properties: { size: { type: 'integer', default: 1, ...described } },
      ...described,
    },
    anything: { type: ['string', 'integer'], ...described },
  },
}

// Only the compiler looks at what is expected here.
/* oxlint-disable vitest/expect-expect */
describe('the schema of options', () => {
  it('is checked against their type', () => {
    const { properties } = whole
    const head = { type: 'object', additionalProperties: false } as const
    const rest: Omit<typeof properties, 'rate'> = properties

    // @ts-expect-error -- the key "rate" is missing.
    accept({ ...head, properties: rest })
    // @ts-expect-error -- the key "extra" is not an option.
    accept({ ...head, properties: { ...properties, extra: { type: 'string', ...described } } })
    // @ts-expect-error -- a number is not described by "string".
    accept({ ...head, properties: { ...properties, rate: { type: 'string', ...described } } })
    // @ts-expect-error -- the description is missing.
    accept({ ...head, properties: { ...properties, rate: { type: 'integer' } } })
    // @ts-expect-error -- "size" is not an option.
    accept({ ...head, required: ['size'], properties })
    // @ts-expect-error -- unknown keys are always an error.
    accept({ type: 'object', additionalProperties: true, properties })
    accept({
      ...head,
      properties: {
        ...properties,
        // @ts-expect-error -- "medium" is not a mode.
        mode: { type: 'string', enum: ['soft', 'medium'], ...described },
      },
    })
    accept({
      ...head,
      properties: {
        ...properties,
        // @ts-expect-error -- the default has another type.
        mode: { type: 'string', default: 'loud', ...described },
      },
    })
    accept({
      ...head,
      properties: {
        ...properties,
        // @ts-expect-error -- the items have another type.
        paths: { type: 'array', items: { type: 'integer' }, ...described },
      },
    })
    accept({
      ...head,
      properties: {
        ...properties,
        // @ts-expect-error -- a nested block is closed as well.
        nested: { ...properties.nested, additionalProperties: true },
      },
    })
    accept({
      ...head,
      properties: {
        ...properties,
        // @ts-expect-error -- what is referred to is a block of a known kind.
        mode: { type: 'string', 'x-gatewright-ref': 'planet', ...described },
      },
    })
  })

  it('may give a number as a duration or a size', () => {
    const timing: OptionsSchema<{ timeout: number; limit: number }> = {
      type: 'object',
      additionalProperties: false,
      properties: {
        timeout: { duration: true, default: '10s', ...described },
        limit: { bytes: { allowZero: true }, ...described },
      },
    }
    expectTypeOf(timing).toExtend<OptionsSchema<{ timeout: number; limit: number }>>()
    const wrong: OptionsSchema<{ timeout: string }> = {
      type: 'object',
      additionalProperties: false,
      // @ts-expect-error -- `create` receives milliseconds, not the text.
      properties: { timeout: { duration: true, ...described } },
    }
    expectTypeOf(wrong).toBeObject()
  })

  it('gives create and setup the types of the options', () => {
    defineMiddleware<Options>({
      type: 'x',
      schema: whole,
      create(options) {
        expectTypeOf(options).toEqualTypeOf<Options>()
        return {}
      },
    })
    definePlugin<Options>({
      name: 'x',
      schema: whole,
      setup(_gateway, options) {
        expectTypeOf(options).toEqualTypeOf<Options>()
      },
    })
    definePlugin({
      name: 'y',
      setup(_gateway, options) {
        expectTypeOf(options).toEqualTypeOf<undefined>()
      },
    })
  })

  it('keeps filter and around apart', () => {
    defineMiddleware<object>({
      type: 'x',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      // @ts-expect-error -- an around has no onRequest.
      create: () => ({ around: (ctx, next) => next(ctx), onRequest: () => undefined }),
    })
  })
})

function accept(_schema: OptionsSchema<Options>): void {
  // Only the types are looked at.
}
