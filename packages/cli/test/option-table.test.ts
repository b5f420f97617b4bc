import { describe, expect, it } from 'vitest'
import { type OptionSchema, renderOptionTable } from '../src/plugin/option-table.ts'

describe('option table', () => {
  it.each<{ schema: OptionSchema; cells: string }>([
    { schema: { type: 'string' }, cells: 'string | –' },
    { schema: { type: 'integer', default: 3 }, cells: 'integer | `3`' },
    { schema: { duration: true, default: '5s' }, cells: 'duration | `"5s"`' },
    { schema: { bytes: true }, cells: 'size | –' },
    { schema: { type: 'string', enum: ['a', 'b'] }, cells: '`"a"` or `"b"` | –' },
    { schema: { type: ['string', 'integer'] }, cells: 'string or integer | –' },
    { schema: { type: 'string', 'x-gatewright-secret': true }, cells: 'secret string | –' },
    { schema: { type: 'string', 'x-gatewright-secret': 'url' }, cells: 'URL | –' },
    {
      schema: { type: 'string', 'x-gatewright-ref': 'entrypoint' },
      cells: 'name of an entrypoint | –',
    },
    { schema: { type: 'array', items: { type: 'string' } }, cells: 'list of strings | –' },
    {
      schema: { type: 'array', items: { type: ['integer', 'string'] } },
      cells: 'list of integers or strings | –',
    },
    {
      schema: { type: 'array', items: { type: 'string', 'x-gatewright-ref': 'service' } },
      cells: 'list of names of services | –',
    },
    {
      schema: { type: 'object', additionalProperties: { bytes: true } },
      cells: 'map of sizes | –',
    },
  ])('shows $schema as $cells', ({ schema, cells }) => {
    const table = renderOptionTable({ type: 'object', properties: { key: schema } })

    expect(table.split('\n')[2]).toBe(`| \`key\` | ${cells} |  |`)
  })

  it('shows required keys, dots inside blocks and brackets inside lists', () => {
    const pair: OptionSchema = {
      type: 'object',
      required: ['from'],
      properties: { from: { type: 'string', description: 'One | two.' } },
    }

    const table = renderOptionTable({
      type: 'object',
      properties: {
        tls: { ...pair, description: 'A block.' },
        rules: { type: 'array', items: pair, description: 'Blocks.' },
      },
    })

    expect(table.split('\n')).toEqual([
      '| key | type | default | meaning |',
      '|---|---|---|---|',
      '| `tls` | block | – | A block. |',
      '| `tls.from` | string | required | One \\| two. |',
      '| `rules` | list of blocks | – | Blocks. |',
      '| `rules[].from` | string | required | One \\| two. |',
    ])
  })

  it('says so if there is nothing to show', () => {
    expect(renderOptionTable({ type: 'object', properties: {} })).toBe('There are no options.')
  })
})
