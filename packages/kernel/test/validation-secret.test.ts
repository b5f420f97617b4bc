import { describe, expect, it } from 'vitest'
import type { ConfigProblem } from '../src/config.ts'
import type { JsonSchema } from '../src/schema.ts'
import { validate } from '../src/validation.ts'

describe('a secret', () => {
  const secret = { 'x-gatewright-secret': true as const }

  it.each<[string, JsonSchema, unknown]>([
    ['of another type', { type: 'integer', ...secret }, 'hunter2'],
    ['that is too short', { type: 'string', minLength: 16, ...secret }, 'hunter2'],
    ['of another form', { type: 'string', pattern: '^[0-9]+$', ...secret }, 'hunter2'],
    ['out of a list', { type: 'string', enum: ['hunter1'], ...secret }, 'hunter2'],
    ['in a duration', { duration: true, ...secret }, 'hunter2'],
    [
      'in a secret list',
      { type: 'array', items: { type: 'string', minLength: 16 }, ...secret },
      ['hunter2'],
    ],
    [
      'in a list of secrets',
      { type: 'array', items: { type: 'string', minLength: 16, ...secret } },
      ['hunter2'],
    ],
    [
      'in a secret map',
      { type: 'object', additionalProperties: { type: 'integer' }, ...secret },
      { a: 'hunter2' },
    ],
    [
      'in a secret block',
      {
        type: 'object',
        additionalProperties: false,
        properties: { deep: { type: 'array', items: { type: 'integer' } } },
        ...secret,
      },
      { deep: ['hunter2'] },
    ],
  ])('is never shown: %s', (_what, property, value) => {
    const problems: ConfigProblem[] = []
    const schema = { type: 'object', additionalProperties: false, properties: { x: property } }

    validate(schema, { x: value }, [], (problem) => problems.push(problem))

    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })
})
