import { describe, expect, it } from 'vitest'
import { defineMiddleware } from '../src/middleware.ts'
import { definePlugin, defineSection } from '../src/plugin.ts'
import { defineEntrypointFeature, defineProtocol } from '../src/protocol.ts'
import { defineProvider } from '../src/provider.ts'
import { defineMatcher } from '../src/routing.ts'
import type { OptionsSchema } from '../src/schema.ts'
import { defineBalancer, defineServiceFeature, defineTransport } from '../src/service.ts'

interface Options {
  text: string
}

const schema: OptionsSchema<Options> = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: { text: { type: 'string', description: 'What to say.' } },
}

/** Takes what is a string only. */
function said(text: string): string[] {
  return [text]
}

const type: string = 'probe'

function stop(): never {
  throw new Error('only its types are looked at')
}

// What the compiler refuses stands below `@ts-expect-error`: `npm run check -- types` fails if it
// does not. None of the factories is called.
describe('a factory that is defined', () => {
  it.each([
    definePlugin<Options>({
      name: type,
      schema,
      setup(gateway, options) {
        gateway.log.info(said(options.text))
        // @ts-expect-error there is no such option
        said(options.nope)
        // @ts-expect-error there is no such registry
        said(gateway.middleware)
      },
    }),
    defineMiddleware<Options>({
      type,
      schema,
      create: (options) => ({
        onResponse(_ctx, response) {
          response.headers.set('x-text', options.text)
          // @ts-expect-error there is no such option
          said(options.nope)
        },
      }),
    }),
    defineMiddleware<Options>({
      type,
      schema,
      // @ts-expect-error a filter answers with a response
      create: () => ({ onRequest: () => 'no response' }),
    }),
    defineMiddleware<Options>({
      type,
      // @ts-expect-error the option of that name is a string
      schema: { ...schema, properties: { text: { type: 'integer', description: 'A number.' } } },
      create: () => ({}),
    }),
    defineBalancer<Options>({
      type,
      schema,
      create(options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return { pick: (pool) => (said(options.text).length > 0 ? pool.all[0] : undefined) }
      },
    }),
    defineTransport<Options>({
      type,
      schemes: ['probe'],
      schema,
      create(options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return { send: stop }
      },
    }),
    defineServiceFeature<Options>({
      type,
      parent: 'service',
      stage: 0,
      schema,
      create(options, service) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return { around: (ctx, next) => (said(service.name).length > 0 ? next(ctx) : stop()) }
      },
    }),
    defineProtocol<Options>({
      type,
      kind: 'stream',
      network: 'tcp',
      schema,
      create(_address, options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return stop()
      },
    }),
    defineEntrypointFeature<Options>({
      type,
      schema,
      create(options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return { onAccept: () => ({ reason: options.text }) }
      },
    }),
    defineProvider<Options>({
      type,
      schema,
      create(options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return { watch: stop }
      },
    }),
    defineSection<Options, string>({
      type,
      labelled: false,
      schema,
      create(options) {
        // @ts-expect-error there is no such option
        said(options.nope)
        return options.text
      },
    }),
    defineMatcher({
      type,
      kind: 'any',
      arity: [1, 1],
      compile:
        ([wanted]) =>
        (exchange) =>
          exchange.clientAddress === wanted,
    }),
  ])('is what was given: %#', (factory) => {
    expect(Object.values(factory)).toContain('probe')
  })

  it('gives a section key the type of what the section makes', () => {
    const plugin = definePlugin({
      name: 'probe',
      setup(gateway) {
        const key = gateway.section(
          defineSection<Options, string>({
            type: 'probe',
            labelled: false,
            schema,
            create: ({ text }) => text,
          }),
        )
        gateway.hooks.finish.tap('probe', ({ snapshot }) => {
          said(snapshot.get(key) ?? '')
          // @ts-expect-error it is no number
          const wrong: number | undefined = snapshot.get(key)
          said(String(wrong))
        })
      },
    })

    expect(plugin.name).toBe('probe')
  })
})
