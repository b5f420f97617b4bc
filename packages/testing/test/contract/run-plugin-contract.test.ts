import { closeSync, openSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Middleware, MiddlewareFactory, Plugin, PluginGateway } from '@gatewright/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { contractChecks, type PluginContract, runPluginContract } from '../../src/index.ts'
import { good, goodContract } from './good-plugin.ts'
import { outcomeOf, plugin, withMiddleware, withOptions } from './tested-plugins.ts'

await runPluginContract(good, goodContract)

const readme = new URL('quota.md', import.meta.url)

describe('a contract', () => {
  it('takes the options of the examples if it is given none', async () => {
    const groups = await contractChecks(good)

    const names = groups.flatMap(({ subject, checks }) =>
      checks.map(({ name }) => `${subject}: ${name}`),
    )
    expect(names).toContain('middleware quota: accepts {"limit":10}')
  })

  it('has no cases of what the plugin does not register', async () => {
    const stray = { components: { limits: { valid: [{}] } } }

    await expect(contractChecks(good, stray)).rejects.toThrow('"components.limits" is of none')
  })

  it('has no cases that could be those of several things', async () => {
    const two = plugin(({ middlewares }) => {
      for (const type of ['one', 'two']) {
        middlewares.register({
          type,
          schema: { type: 'object', additionalProperties: false, properties: {} },
          create: () => ({}),
        })
      }
    })

    await expect(contractChecks(two, { valid: [{}] })).rejects.toThrow('"valid" is of none')
    await expect(
      contractChecks(two, { valid: [{}], components: { one: {} } }),
    ).resolves.toBeDefined()
  })

  it('is kept by a README that tells every option', async () => {
    await expect(outcomeOf(good, { readme }, /README/)).resolves.toBe('kept')
  })

  it('is kept by a package.json in a file', async () => {
    const packageJson = fileURLToPath(new URL('quota.json', import.meta.url))
    await expect(outcomeOf(good, { packageJson }, /says in its package/)).resolves.toBe('kept')
  })

  it('registers its tests with the runner that it is given', async () => {
    const registered: string[] = []
    await runPluginContract(good, {
      ...goodContract,
      runner: {
        describe: (name, register) => {
          registered.push(name)
          register()
        },
        it: (name) => registered.push(name),
      },
    })

    expect(registered.slice(0, 3)).toEqual([
      'plugin gatewright-plugin-quota',
      'as a whole',
      'has a name that npm or a file may have',
    ])
  })

  it('rejects if the plugin cannot be set up', async () => {
    const broken = plugin(() => {
      throw new Error('no license')
    })
    await expect(contractChecks(broken)).rejects.toThrow('no license')
  })
})

const open: { readonly close: () => unknown }[] = []
afterEach(() => {
  for (const thing of open.splice(0)) thing.close()
})

/** A plugin that somebody could write, the check that finds it, and how it says so. */
const bad: Record<string, [Plugin, PluginContract, RegExp, string]> = {
  'a name with capitals': [
    { ...good, name: 'MyQuota' },
    {},
    /^as a whole: has a name/,
    'the name is "MyQuota"',
  ],
  'a timer in setup': [
    plugin(() => stopped(setInterval(() => undefined, 1000))),
    {},
    /^as a whole: opens and starts nothing while it is set up/,
    'Timeout',
  ],
  'a timer after an await in setup': [
    plugin(async () => {
      await Promise.resolve()
      stopped(setInterval(() => undefined, 1000))
    }),
    {},
    /^as a whole: opens and starts nothing while it is set up/,
    'run-plugin-contract.test.ts',
  ],
  'a server in setup': [
    plugin(() => void open.push(listening())),
    {},
    /^as a whole: opens and starts nothing while it is set up/,
    'TCPSERVERWRAP',
  ],
  'a file that setup opens': [
    plugin(() => {
      const file = openSync(fileURLToPath(readme), 'r')
      open.push({ close: () => closeSync(file) })
    }),
    {},
    /^as a whole: opens and starts nothing while it is set up/,
    'quota.md',
  ],
  'a socket that outlives the gateway': [
    plugin((gateway) => gateway.hooks.activate.tap('tested', () => void open.push(listening()))),
    {},
    /^as a whole: leaves nothing behind after 50 starts/,
    'TCPSERVERWRAP',
  ],
  'a timer for each request': [
    plugin((gateway) =>
      gateway.hooks.request.tap('tested', () => {
        stopped(setTimeout(() => undefined, 600_000))
        return undefined
      }),
    ),
    {},
    /^as a whole: leaves nothing behind after 50 starts/,
    'Timeout',
  ],
  'files that stay open': [
    plugin((gateway) =>
      gateway.hooks.activate.tap('tested', () => {
        const file = openSync(fileURLToPath(readme), 'r')
        open.push({ close: () => closeSync(file) })
      }),
    ),
    {},
    /^as a whole: leaves nothing behind after 50 starts/,
    'these files are open',
  ],
  'state that gateways share': [
    plugin(sharing()),
    {},
    /^as a whole: serves in two gateways at once/,
    'one answers 500, beside another one 200',
  ],
  'a tap that throws': [
    plugin((gateway) =>
      gateway.hooks.request.tap('tested', () => {
        throw new TypeError('undefined is no function')
      }),
    ),
    {},
    /^as a whole: fails no request with a failure of its own/,
    'undefined is no function',
  ],
  'a tap for the end that throws': [
    plugin((gateway) =>
      gateway.hooks.finish.tap('tested', () => {
        throw new TypeError('no log')
      }),
    ),
    {},
    /^as a whole: fails no request with a failure of its own/,
    'a tap failed',
  ],
  'an option without a description': [
    withOptions({ burst: { type: 'integer', description: '' } }),
    {},
    /^middleware tested: describes every option/,
    'options.burst has no description',
  ],
  'an open schema': [
    withMiddleware({
      schema: { type: 'object', properties: {} } as unknown as MiddlewareFactory['schema'],
    }),
    {},
    /^middleware tested: lets no unknown key pass/,
    'takes unknown keys',
  ],
  'an example that is refused': [
    withMiddleware({
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {},
        'x-gatewright-examples': [
          { title: 'Old', hcl: 'middlewares "a" {\n  type = "tested"\n  old  = 1\n}\n' },
        ],
      },
    }),
    { valid: [{}] },
    /^middleware tested: has examples that work/,
    'example "Old"',
  ],
  'a middleware that starts a timer when it is made': [
    withMiddleware({
      create: () => {
        stopped(setInterval(() => undefined, 1000))
        return { onRequest: () => undefined }
      },
    }),
    {},
    /^middleware tested: opens and starts nothing while/,
    'Timeout',
  ],
  'a middleware that keeps every instance': [
    withMiddleware({ create: remembering() }),
    {},
    /^middleware tested: leaves nothing behind after 200 reloads/,
    'replaced instances are still referred to',
  ],
  'a middleware that lets pass what it should reject': [
    withMiddleware({}),
    { rejected: ['/forbidden'] },
    /^middleware tested: rejects what it should/,
    'GET /forbidden was answered 200',
  ],
}

describe('a contract finds', () => {
  it.each(Object.entries(bad))('%s', async (_, [tested, contract, name, problem]) => {
    await expect(outcomeOf(tested, contract, name)).resolves.toContain(problem)
  })
})

function remembering(): MiddlewareFactory['create'] {
  const all: Middleware[] = []
  return () => {
    const made: Middleware = { onRequest: () => undefined }
    all.push(made)
    return made
  }
}

/** Serves only in the gateway that it was set up in last. */
function sharing(): (gateway: PluginGateway) => void {
  let last: PluginGateway | undefined
  return (gateway) => {
    last = gateway
    gateway.hooks.request.tap('tested', () => {
      if (last !== gateway) throw new Error('not mine')
      return undefined
    })
  }
}

function stopped(timer: NodeJS.Timeout): void {
  open.push({ close: () => clearTimeout(timer) })
}

function listening(): Server {
  return createServer().listen(0, '127.0.0.1').unref()
}
