import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:net'
import {
  defineBalancer,
  defineMatcher,
  definePlugin,
  defineProtocol,
  defineProvider,
  defineSection,
  defineServiceFeature,
  type Plugin,
  type PluginGateway,
} from '@gatewright/kernel'
import { afterAll, describe, expect, it } from 'vitest'
import { type PluginContract, runPluginContract } from '../../src/index.ts'
import { outcomeOf, plugin } from './tested-plugins.ts'

const source = new EventEmitter()
const none = { type: 'object', additionalProperties: false, properties: {} } as const
const servers: { close(): unknown }[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

const last = defineBalancer<object>({
  type: 'last',
  schema: none,
  create: () => ({
    pick: ({ available }, { attempts = [] }) => {
      const weighty = available.filter(({ weight }) => weight > 0)
      const fresh = weighty.filter((each) => !attempts.some(({ endpoint }) => endpoint === each))
      return fresh.at(-1) ?? weighty.at(-1)
    },
  }),
})

const listed = defineProvider<object>({
  type: 'listed',
  schema: none,
  create: () => ({
    async *watch(signal) {
      if (signal.aborted) return
      const changes = on(source, 'change', { signal })
      yield {}
      try {
        for await (const _ of changes) yield {}
      } catch {
        // It was told to stop.
      }
    },
  }),
})

const noted = defineServiceFeature<{ readonly word: string }>({
  type: 'noted',
  parent: 'service',
  stage: 0,
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: { word: { type: 'string', default: 'x', description: 'What is noted.' } },
  },
  create: () => ({}),
})

const isEven = defineMatcher({
  type: 'EvenPath',
  kind: 'http',
  arity: [0, 1],
  compile: (args) => {
    if (args[0] === 'bad') throw new Error('no such parity')
    return () => true
  },
})

const silent = defineProtocol<object>({
  type: 'silent',
  kind: 'http',
  network: 'tcp',
  schema: none,
  create: () => ({
    listen: async () => ({ address: '127.0.0.1', port: 1 }),
    configure: () => undefined,
    release: async () => undefined,
    drain: async () => undefined,
  }),
})

const words = defineSection<string, string>({
  type: 'words',
  labelled: false,
  schema: { type: 'string', description: 'A word.' },
  create: (word) => word,
})

const many: Plugin<undefined> = definePlugin({
  name: 'many',
  setup(gateway) {
    gateway.balancers.register(last)
    gateway.providers.register(listed)
    gateway.serviceFeatures.register(noted)
    gateway.matchers.register(isEven)
    gateway.protocols.register(silent)
    gateway.section(words)
  },
})

await runPluginContract(many, {
  components: {
    noted: { valid: [{}, { word: 'y' }], invalid: [{ word: 1 }] },
    listed: { change: () => void source.emit('change') },
    EvenPath: { valid: [[], ['a']], invalid: [['bad'], ['a', 'b']] },
    words: { valid: ['one'], invalid: [1] },
  },
})

/** What somebody could register, the check that finds it, and how it says so. */
const bad: Record<string, [(gateway: PluginGateway) => unknown, PluginContract, RegExp, string]> = {
  'a strategy that picks what is ill': [
    ({ balancers }) =>
      balancers.register({ ...last, create: () => ({ pick: ({ all }) => all[0] }) }),
    {},
    /^balancer last: picks healthy endpoints only/,
    'was picked while unhealthy',
  ],
  'a provider that goes on': [
    ({ providers }) =>
      providers.register({
        ...listed,
        create: () => ({
          async *watch() {
            yield {}
            await new Promise(() => undefined)
          },
        }),
      }),
    {},
    /^provider listed: stops when it is told to/,
    'it goes on after it was told to stop',
  ],
  'a service feature with a type in kebab-case': [
    ({ serviceFeatures }) => serviceFeatures.register({ ...noted, type: 'well-noted' }),
    {},
    /^service feature well-noted: has a type in snake_case/,
    'type "well-noted"',
  ],
  'a matcher that throws': [
    ({ matchers }) =>
      matchers.register({
        ...isEven,
        compile: () => () => {
          throw new TypeError('no path')
        },
      }),
    { valid: [[]] },
    /^matcher EvenPath: answers as EvenPath\(\)/,
    'asked about a request, it failed',
  ],
  'a matcher that takes what it should not': [
    ({ matchers }) => matchers.register({ ...isEven, compile: () => () => true }),
    { valid: [[]], invalid: [['bad']] },
    /^matcher EvenPath: refuses EvenPath\(`bad`\)/,
    'was accepted',
  ],
  'a protocol that listens when it is made': [
    ({ protocols }) =>
      protocols.register({
        ...silent,
        create: (...args) => {
          servers.push(createServer().listen(0).unref())
          return silent.create(...args)
        },
      }),
    {},
    /^protocol silent: opens and starts nothing while/,
    'TCPSERVERWRAP',
  ],
  'a section with an option that nobody describes': [
    (gateway) =>
      gateway.section<{ readonly first: string }, object>({
        type: 'words',
        labelled: false,
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { first: { type: 'string', description: '', default: '' } },
        },
        create: (options) => options,
      }),
    {},
    /^section words: describes every option/,
    'options.first has no description',
  ],
}

describe('a contract finds', () => {
  it.each(Object.entries(bad))('%s', async (_, [register, contract, name, problem]) => {
    const tested = plugin(register)
    await expect(outcomeOf(tested, contract, name)).resolves.toContain(problem)
  })
})
