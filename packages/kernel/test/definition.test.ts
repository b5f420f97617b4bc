import { describe, expect, it } from 'vitest'
import type { PluginGateway } from '../src/plugin.ts'
import type { AnyOptions } from '../src/schema.ts'
import { chainConfig, MemoryGateway, plainConfig, plugin } from './support/memory-gateway.ts'

const noOptions = { type: 'object', additionalProperties: false, properties: {} }
const create = (): object => ({})

describe('a definition that is none', () => {
  it.each<[string, (gateway: PluginGateway) => void, string, string]>([
    [
      'a middleware without a schema',
      ({ middlewares }) => middlewares.register(asGiven({ type: 'm', create })),
      'GW_PLUGIN_SCHEMA_INVALID',
      'middleware type "m" of plugin "p" has no "schema"; without options, write { type: "object", additionalProperties: false, properties: {} }',
    ],
    [
      'a strategy without a schema',
      ({ balancers }) => balancers.register(asGiven({ type: 's', create })),
      'GW_PLUGIN_SCHEMA_INVALID',
      'strategy "s" of plugin "p" has no "schema"; without options, write { type: "object", additionalProperties: false, properties: {} }',
    ],
    [
      'a schema without properties',
      ({ middlewares }) =>
        middlewares.register(asGiven({ type: 'm', schema: { type: 'object' }, create })),
      'GW_PLUGIN_SCHEMA_INVALID',
      'middleware type "m" of plugin "p" has a "schema" with no "properties"; without options, write { type: "object", additionalProperties: false, properties: {} }',
    ],
    [
      'an unknown type',
      withOption({ type: 'strng' }),
      'GW_PLUGIN_SCHEMA_INVALID',
      'middleware type "m" of plugin "p" has a wrong "schema": option "a" has the unknown type "strng"; did you mean "string"?',
    ],
    [
      'an unknown keyword, further in',
      withOption({ type: 'array', items: { type: 'integer', minimun: 1 } }),
      'GW_PLUGIN_SCHEMA_INVALID',
      'middleware type "m" of plugin "p" has a wrong "schema": option "a.*" has the unknown keyword "minimun"; did you mean "minimum"?',
    ],
    [
      'a property that is no schema',
      withOption('string'),
      'GW_PLUGIN_SCHEMA_INVALID',
      'middleware type "m" of plugin "p" has a wrong "schema": option "a" is "string"; expected a schema',
    ],
    [
      'no create',
      ({ middlewares }) => middlewares.register(asGiven({ type: 'm', schema: noOptions })),
      'GW_PLUGIN_FACTORY_INVALID',
      'middleware type "m" of plugin "p" has no "create"',
    ],
    [
      'a misspelt create',
      ({ providers }) =>
        providers.register(asGiven({ type: 'csv', schema: noOptions, craete: create })),
      'GW_PLUGIN_FACTORY_INVALID',
      'provider "csv" of plugin "p" has no "create"; it has "craete"',
    ],
    [
      'a create that is no function',
      ({ middlewares }) =>
        middlewares.register(asGiven({ type: 'm', schema: noOptions, create: {} })),
      'GW_PLUGIN_FACTORY_INVALID',
      'middleware type "m" of plugin "p" has a "create" that is no function',
    ],
    [
      'a section without create',
      (gateway) =>
        void gateway.section(asGiven({ type: 'geo', labelled: false, schema: noOptions })),
      'GW_PLUGIN_FACTORY_INVALID',
      'section "geo" of plugin "p" has no "create"',
    ],
    [
      'a matcher without compile',
      ({ matchers }) => matchers.register(asGiven({ type: 'Geo', kind: 'any', arity: [1, 1] })),
      'GW_PLUGIN_FACTORY_INVALID',
      'matcher "Geo" of plugin "p" has no "compile"',
    ],
    [
      'no type',
      ({ middlewares }) => middlewares.register(asGiven({ schema: noOptions, create })),
      'GW_PLUGIN_FACTORY_INVALID',
      'a middleware type of plugin "p" has the "type" undefined; "type" has to be a name without spaces',
    ],
    [
      'a type with spaces',
      ({ middlewares }) =>
        middlewares.register(asGiven({ type: 'my filter', schema: noOptions, create })),
      'GW_PLUGIN_FACTORY_INVALID',
      'a middleware type of plugin "p" has the "type" "my filter"; "type" has to be a name without spaces',
    ],
    [
      'nothing',
      ({ middlewares }) => middlewares.register(asGiven(undefined)),
      'GW_PLUGIN_FACTORY_INVALID',
      'a middleware type of plugin "p" is undefined; expected an object',
    ],
  ])('is refused when it is registered: %s', async (_name, setup, code, message) => {
    await using memory = new MemoryGateway([plugin('p', setup)])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({ code, message })
  })
})

describe('the schemes of a transport', () => {
  it.each([
    [['finger:'], 'scheme "finger:"; expected "finger"'],
    [['HTTP'], 'scheme "HTTP"; expected "http"'],
    [[7], 'scheme 7; expected a name such as "http"'],
    [undefined, '"schemes" undefined; expected a list'],
  ])('may not be %j', async (schemes, problem) => {
    const finger = plugin('p', ({ transports }) =>
      transports.register(asGiven({ type: 'f', schemes, schema: noOptions, create })),
    )
    await using memory = new MemoryGateway([finger])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_FACTORY_INVALID',
      message: `transport "f" of plugin "p" has the ${problem}`,
    })
  })
})

describe('an option with a unit', () => {
  it.each([
    [{ duration: true, minimum: 1000 }, '500ms', 'expected at least 1000 ms, found "500ms"'],
    [{ duration: true, minimum: '1s' }, '500ms', 'expected at least "1s", found "500ms"'],
    [{ duration: true, maximum: '1m' }, '2m', 'expected at most "1m", found "2m"'],
    [{ duration: true, exclusiveMinimum: '1s' }, '1s', 'expected more than "1s", found "1s"'],
    [{ bytes: true, maximum: '1KiB' }, '2KiB', 'expected at most "1KiB", found "2KiB"'],
    [{ bytes: true, exclusiveMaximum: 10 }, 10, 'expected less than 10 bytes, found 10'],
  ])('may have bounds: %o', async (option, written, message) => {
    expect(await problemsWith(option, written)).toMatchObject([
      { path: ['middlewares', 'm', 'a'], message },
    ])
  })

  it('is compared by what it means', async () => {
    expect(await problemsWith({ duration: true, minimum: '1s', maximum: '5s' }, 2)).toEqual([])
  })

  it('is wrong once, whatever type its schema has besides', async () => {
    expect(await problemsWith({ type: 'number', duration: true }, '5 sec')).toMatchObject([
      { code: 'GW_CONFIG_DURATION' },
    ])
    expect(await problemsWith({ type: 'number', duration: true }, '5s')).toEqual([])
  })

  it('has no bound that is no amount', async () => {
    expect(await problemsWith({ duration: true, minimum: 'soon' }, '5s')).toMatchObject([
      {
        code: 'GW_PLUGIN_SCHEMA_INVALID',
        message:
          'middleware type "m" of plugin "p" has a wrong "schema": option "a": "minimum" is no duration',
      },
    ])
  })
})

async function problemsWith(option: object, written: unknown): Promise<readonly object[]> {
  await using memory = new MemoryGateway([plugin('p', withOption(option))])
  return await memory.gateway.validate(chainConfig({ m: { type: 'm', a: written } }))
}

function withOption(option: unknown): (gateway: PluginGateway) => void {
  const schema = { ...noOptions, properties: { a: option } }
  return ({ middlewares }) =>
    middlewares.register(
      asGiven({ type: 'm', schema, create: () => ({ onRequest: () => undefined }) }),
    )
}

/** What plain JavaScript lets an author register. */
function asGiven(given: unknown): AnyOptions {
  return given
}
