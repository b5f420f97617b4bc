import { describe, expect, it } from 'vitest'
import type { ConfigProblem } from '../src/config.ts'
import type { JsonSchema } from '../src/schema.ts'
import { withoutUrlSecrets } from '../src/secret-url.ts'
import { validate } from '../src/validation.ts'

describe('a secret', () => {
  const secret = { 'x-gatewright-secret': true as const }

  it.each<[string, JsonSchema, unknown]>([
    ['of another type', { type: 'integer', ...secret }, 'hunter2'],
    ['that is too short', { type: 'string', minLength: 16, ...secret }, 'hunter2'],
    ['of another form', { type: 'string', pattern: '^[0-9]+$', ...secret }, 'hunter2'],
    [
      'of another form, in words',
      { type: 'string', pattern: '^[0-9]+$', 'x-gatewright-expected': 'digits', ...secret },
      'hunter2',
    ],
    [
      'in a URL',
      { type: 'string', pattern: '^https:', 'x-gatewright-secret': 'url' },
      'http://user:hunter2@host/?token=hunter2',
    ],
    [
      'in what may be a URL',
      { type: 'string', pattern: '^https:', 'x-gatewright-secret': 'url' },
      'htp:/user:hunter2@host',
    ],
    [
      'where a URL is wanted',
      { type: 'string', 'x-gatewright-secret': 'url' },
      { password: 'hunter2' },
    ],
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

describe('a URL with secrets', () => {
  it.each([
    ['redis://host:6379/0', 'redis://host:6379/0'],
    ['redis://user:hunter2@host:6379/0', 'redis://[redacted]@host:6379/0'],
    ['redis://:hunter2@host', 'redis://[redacted]@host'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
    ['https://host/keys?token=hunter2', 'https://host/keys?[redacted]'],
    ['https://user@host/keys?a=1#b', 'https://[redacted]@host/keys?[redacted]'],
    // Where the password ends, nobody knows.
    ['redis://:hunt@er2@host', '[redacted]'],
    ['redis://:hunt/er2@host', '[redacted]'],
    ['redis://:hunt?er2@host', '[redacted]'],
    ['redis://:hunt#er2@host', '[redacted]'],
    ['//user:hunter2@host', '[redacted]'],
    ['host?token=hunter2', '[redacted]'],
    ['host', 'host'],
  ])('is shown as far as it is none: %s', (url, shown) => {
    expect(withoutUrlSecrets(url)).toBe(shown)
  })
})
