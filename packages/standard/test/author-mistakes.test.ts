import { describe, expect, it } from 'vitest'
import { body, code, Project } from './support/project.ts'

const uses = (type: string): object => ({ middlewares: { m: { type } } })

describe('a module that Node takes for another kind', () => {
  it('is told how to become what it is written as', async () => {
    using project = new Project()
    project.write('package.json', '{ "name": "site", "type": "commonjs" }')
    const text = `import { join } from 'node:path'\nexport default ${body('hello')}\njoin('a')`
    project.write('hello.js', text)
    project.write('exports.js', code('exports'))
    project.write('typed.ts', text)

    const { problems } = await project.check({
      plugins: {
        hello: { source: './hello.js' },
        exports: { source: './exports.js' },
        typed: { source: './typed.ts' },
      },
    })

    const hint = `"type" in ${project.folder}/package.json says that it is CommonJS; in that folder: npm pkg set type=module`
    expect(problems).toMatchObject([
      { code: 'GW_PLUGIN_IMPORT_FAILED', path: ['plugins', 'hello'], hint },
      { code: 'GW_PLUGIN_IMPORT_FAILED', path: ['plugins', 'exports'], hint },
      { code: 'GW_PLUGIN_IMPORT_FAILED', path: ['plugins', 'typed'], hint },
    ])
  })
})

describe('a relative import of a file that is not there', () => {
  it.each([
    ['./balancr.js', 'there is no "balancr.js"; did you mean "balancer.js"?'],
    ['./balancer.ts', 'there is no "balancer.ts"; did you mean "balancer.js"?'],
    ['./balancer', 'a relative import needs the ending of its file: import "./part.ts"'],
    ['./other-thing.js', expect.stringMatching(/^there is no file like "other-thing.js" in \//)],
    ['./gone/part.js', expect.stringMatching(/^there is no file like "part.js" in \/.*\/gone$/)],
  ])('such as %s', async (specifier, hint) => {
    using project = new Project()
    project.write('balancer.js', 'export const a = 1')
    project.write('spread.js', `import '${specifier}'\nexport default ${body('spread')}`)

    const { problems } = await project.check({ plugins: { spread: { source: './spread.js' } } })

    expect(problems).toMatchObject([{ code: 'GW_PLUGIN_IMPORT_FAILED', hint }])
  })
})

describe('a TypeScript file', () => {
  it('that has a plain mistake is not told of enums', async () => {
    using project = new Project()
    project.write('broken.ts', 'export default {\n  name: "broken"\n  setup() {},\n}')

    const { problems } = await project.check({ plugins: { broken: { source: './broken.ts' } } })

    expect(problems).toMatchObject([{ code: 'GW_PLUGIN_IMPORT_FAILED', hint: 'mend its syntax' }])
  })
})

describe('a plugin that fails', () => {
  it('is the one problem, however much needs its types', async () => {
    using project = new Project()
    project.write('package.json', '{ "name": "site" }')
    project.write('geo.js', 'throw new Error("no luck")')
    project.write('late.js', 'export default { name: "late", setup() { throw new Error("late") } }')
    const provides = { gatewright: { apiVersion: 1, provides: { middleware: ['known'] } } }
    const failing = 'export default { name: "known", setup() { throw new Error("no") } }'
    project.writePackage('node_modules/gatewright-plugin-known', 'known', provides, failing)

    const [local, late, named] = [
      await project.check({ plugins: { geo: { source: './geo.js' } }, ...uses('geo-block') }),
      await project.check({ plugins: { late: { source: './late.js' } }, ...uses('geo-block') }),
      await project.check({ plugins: { known: {} }, ...uses('known') }),
    ]

    expect(local.problems).toMatchObject([{ code: 'GW_PLUGIN_IMPORT_FAILED' }])
    expect(late.problems).toMatchObject([
      {
        code: 'GW_PLUGIN_SETUP_FAILED',
        message: `plugin "./late.js" failed: late (at ${project.folder}/late.js:1:48)`,
      },
    ])
    expect(named.problems).toMatchObject([{ code: 'GW_PLUGIN_SETUP_FAILED' }])
  })

  it('does not hide what it says that it does not have', async () => {
    using project = new Project()
    const provides = { gatewright: { apiVersion: 1, provides: { middleware: ['known'] } } }
    const failing = 'export default { name: "known", setup() { throw new Error("no") } }'
    project.writePackage('node_modules/gatewright-plugin-known', 'known', provides, failing)

    const { problems } = await project.check({ plugins: { known: {} }, ...uses('zzzzzzzz') })

    expect(problems).toMatchObject([
      { code: 'GW_PLUGIN_SETUP_FAILED' },
      { code: 'GW_UNKNOWN_TYPE', path: ['middlewares', 'm', 'type'] },
    ])
  })
})

describe('a type that nobody has', () => {
  it('is told of the plugin that is listed and registers nothing', async () => {
    using project = new Project()
    project.write('idle.js', 'export default { name: "idle", setup() {} }')

    const { problems } = await project.check({
      plugins: { idle: { source: './idle.js' } },
      ...uses('geo-block'),
    })

    expect(problems).toMatchObject([
      {
        code: 'GW_UNKNOWN_TYPE',
        hint: 'plugin "idle" is listed and registers nothing: does its "setup" call register?',
      },
    ])
  })

  it('is told what the plugin of that name registers instead', async () => {
    using project = new Project()
    project.write('geo.js', code('gatewright-plugin-geo-block', 'hello'))

    const { problems } = await project.check({
      plugins: { geo: { source: './geo.js' } },
      services: { app: { load_balancer: { strategy: 'geo-block', servers: [] } } },
    })

    expect(problems).toContainEqual(
      expect.objectContaining({
        code: 'GW_UNKNOWN_TYPE',
        hint: 'plugin "gatewright-plugin-geo-block" is listed and registers middleware "hello", and no balancer',
      }),
    )
  })

  it('is found in the folders above, with what to write', async () => {
    using project = new Project()
    project.write('package.json', '{ "dependencies": { "gatewright-plugin-geo-block": "1" } }')
    project.write('conf/package.json', '{ "name": "conf" }')
    const root = 'node_modules/gatewright-plugin-geo-block'
    project.writePackage(root, 'gatewright-plugin-geo-block')

    const { problems } = await project.check(uses('geo-block'), 'conf')

    expect(problems).toMatchObject([
      {
        code: 'GW_UNKNOWN_TYPE',
        hint:
          `plugin "gatewright-plugin-geo-block" is installed in ${project.folder}/${root}; ` +
          'add: plugins "geo-block" { source = "gatewright-plugin-geo-block" }',
      },
    ])
  })
})
