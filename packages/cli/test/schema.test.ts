import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readHcl } from '@gatewright/config-hcl'
import { Gateway } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { recordLogs } from '@gatewright/testing'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { createFolder, runCli } from './cli.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const files = globSync(
  'examples/{quickstart,services,all-middlewares,tcp,udp,sse,websocket}/gateway.hcl',
  {
    cwd: root,
  },
)

/** What the schema says of a configuration; empty if it has nothing against it. */
let problemsOf: (config: unknown) => string[]

beforeAll(async () => {
  const { stdout } = await runCli(['schema'], { cwd: dirname(root) })
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false })
  addFormats.default(ajv)
  const validate = ajv.compile({ ...JSON.parse(stdout), $schema: undefined })
  problemsOf = (config) =>
    validate(config)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
})

/** An environment in which every variable is set. */
const anything: ProxyHandler<Record<string, string>> = {
  has: () => true,
  get: () => 'https://something.example/that-is-long-enough',
  getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'x' }),
}

const limited = (more: object): object => ({
  middlewares: { calm: { type: 'rate-limit', rate: 5, period: '10s', ...more } },
})

describe('schema', () => {
  it.each(files)('accepts what %s says, with all defaults', async (file) => {
    const loader = createLoader({ baseDir: dirname(join(root, file)) })
    const gateway = new Gateway({ loader, log: recordLogs().log })
    const document = await readHcl(join(root, file), { env: new Proxy({}, anything) })

    const { blueprint } = await gateway.understand(document)

    expect(problemsOf(blueprint.config)).toEqual([])
  })

  it('knows the keys of each type, also what a middleware of another type has', () => {
    expect(problemsOf(limited({}))).toEqual([])
    expect(problemsOf(limited({ prefixes: ['/a'] }))).toContain(
      '/middlewares/calm: must NOT have additional properties',
    )
    expect(problemsOf(limited({ period: 'ten' })).join()).toContain('/middlewares/calm/period')
    expect(problemsOf(limited({ rate: undefined })).join()).toContain("property 'rate'")
  })

  it('refuses a type, a strategy and a key that nobody has', () => {
    expect(problemsOf({ middlewares: { a: { type: 'nobody' } } }).join()).toContain(
      'allowed values',
    )
    const services = { app: { load_balancer: { strategy: 'nobody' } } }
    expect(problemsOf({ services }).join()).toContain('/services/app/load_balancer/strategy')
    expect(problemsOf({ entrypoint: {} })).toEqual([': must NOT have additional properties'])
  })

  it('has the types of plugins that the configuration lists', async () => {
    await using folder = await createFolder({
      'gateway.hcl': 'plugins "shout" { source = "./shout.js" }',
      'shout.js': `export default {
        name: 'shout',
        setup(gateway) {
          gateway.middlewares.register({
            type: 'shout',
            schema: {
              type: 'object',
              additionalProperties: false,
              properties: { louder: { type: 'boolean', default: false, description: 'How loud.' } },
            },
            create: () => ({}),
          })
        },
      }`,
    })

    const { stdout } = await runCli(['schema'], { cwd: folder.path })

    expect(JSON.stringify(JSON.parse(stdout))).toContain('"louder":{"type":"boolean"')
  })
})
