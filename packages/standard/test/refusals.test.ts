import { cpSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { body, code, Project } from './support/project.ts'

describe('a plugin that cannot be loaded', () => {
  it('is reported with what is wrong with its file', async () => {
    using project = new Project()
    project.write(
      'lib/throws.js',
      'export default null\nfunction fail() { throw new Error("no luck") }\nfail()',
    )
    project.write('lib/syntax.js', 'export default {\n  name: "syntax"\n  setup() {},\n}')
    project.write('lib/needs.js', 'import "not-installed"')
    project.write('lib/enum.ts', `enum Colour { red }\nexport default ${body('enum')}`)
    project.write('lib/named.js', 'export const one = 1\nexport const plugin = {}')
    project.write('lib/hangs.js', 'await new Promise(() => {})')
    const built = 'node_modules/gatewright-plugin-unbuilt'
    project.write(`${built}/package.json`, manifest('unbuilt', { exports: './src/index.ts' }))
    project.write(`${built}/src/index.ts`, 'export default 1')
    const empty = 'node_modules/gatewright-plugin-empty'
    project.write(`${empty}/package.json`, manifest('empty', { exports: './dist/index.js' }))
    const local = ['throws.js', 'syntax.js', 'needs.js', 'enum.ts', 'named.js']
    const blocks = Object.fromEntries(
      local.map((file) => [file.split('.')[0], { source: `./lib/${file}` }]),
    )

    const { problems } = await project.check({
      plugins: {
        ...blocks,
        hangs: { source: './lib/hangs.js', timeout: '50ms' },
        unbuilt: {},
        empty: {},
      },
    })

    const of = (label: string): object | undefined => problems.find(({ path }) => path[1] === label)
    expect(of('throws')).toMatchObject({
      code: 'GW_PLUGIN_IMPORT_FAILED',
      message: `plugin "./lib/throws.js" could not be loaded: no luck (at ${project.folder}/lib/throws.js:2:25)`,
    })
    expect(of('syntax')).toMatchObject({
      code: 'GW_PLUGIN_IMPORT_FAILED',
      message: expect.stringContaining(`(at ${project.folder}/lib/syntax.js:3)`),
    })
    expect(of('needs')).toMatchObject({
      code: 'GW_PLUGIN_IMPORT_FAILED',
      hint: 'the plugin needs "not-installed": install it beside the plugin',
    })
    expect(of('enum')).toMatchObject({
      code: 'GW_PLUGIN_TYPESCRIPT',
      message: expect.stringContaining('enum'),
      hint: expect.stringContaining('build it'),
    })
    expect(of('unbuilt')).toMatchObject({
      code: 'GW_PLUGIN_TYPESCRIPT',
      hint: expect.stringContaining('node_modules'),
    })
    expect(of('empty')).toMatchObject({
      code: 'GW_PLUGIN_NO_ENTRY',
      message: expect.stringContaining('it has no file ./dist/index.js'),
    })
    expect(of('named')).toMatchObject({
      code: 'GW_PLUGIN_NO_DEFAULT_EXPORT',
      message: 'plugin "./lib/named.js" has no default export; it exports one, plugin',
    })
    expect(of('hangs')).toMatchObject({
      code: 'GW_PLUGIN_TIMEOUT',
      message: 'plugin "./lib/hangs.js" did not finish its import within 50 ms',
      hint: expect.stringContaining('timeout'),
    })
  })

  it('is reported with what it is in place of a plugin', async () => {
    const found = [
      ['2', '2'],
      ['() => 1', 'a function; export what it returns: definePlugin({ name, setup })'],
      ['{ type: "x", create() {} }', 'the factory "x"; register it in the "setup" of a plugin'],
      ['{ setup() {} }', 'an object with setup, whose "name" is undefined'],
      ['{ name: "x" }', '"x", whose "setup" is undefined'],
      [
        '{ name: "X Y", setup() {} }',
        'one named "X Y"; a name is that of its package, or kebab-case',
      ],
      [
        '{ name: "x", setup() {}, apiVersion: "1" }',
        '"x", whose "apiVersion" is "1" and no integer',
      ],
      ['{ name: "x", setup() {}, requires: "y" }', '"x", whose "requires" is no list of names'],
      [
        '{ name: "x", setup() {}, schema: {} }',
        '"x", whose "schema" is not that of an object with "properties"',
      ],
    ] as const
    using project = new Project()
    for (const [index, [text]] of found.entries()) {
      project.write(`${index}.js`, `export default ${text}`)
    }
    const blocks = found.map((_, index) => [`p${index}`, { source: `./${index}.js` }] as const)

    const { problems } = await project.check({ plugins: Object.fromEntries(blocks) })

    expect(problems).toMatchObject(
      found.map(([, what], index) => ({
        code: 'GW_PLUGIN_INVALID',
        message: `expected a plugin with "name" and "setup", found ${what} as default export of "./${index}.js"`,
      })),
    )
  })

  it('is reported as missing with what is there, and what to type', async () => {
    using project = new Project()
    project.write('package.json', '{ "name": "site", "packageManager": "pnpm@12.0.0" }')
    project.write('lib/hello.ts', code('hello'))
    project.writePackage('node_modules/gatewright-plugin-maze', 'gatewright-plugin-maze')

    const { problems } = await project.check({
      plugins: {
        far: { source: 'gatewright-plugin-far', version: '^2' },
        mace: {},
        js: { source: './lib/hello.js' },
        old: { source: 'gatewright-plugin-maze', version: '^2' },
      },
    })

    expect(problems).toMatchObject([
      {
        code: 'GW_PLUGIN_NOT_FOUND',
        message: expect.stringContaining(
          `"gatewright-plugin-far" in ${project.folder}/node_modules`,
        ),
        hint: "type: pnpm add 'gatewright-plugin-far@^2'",
      },
      {
        code: 'GW_PLUGIN_NOT_FOUND',
        hint: 'type: pnpm add gatewright-plugin-mace; installed is "gatewright-plugin-maze"',
      },
      { code: 'GW_PLUGIN_NOT_FOUND', hint: 'there is "./lib/hello.ts"' },
      { code: 'GW_PLUGIN_VERSION', message: expect.stringContaining('has version 1.2.0') },
    ])
  })
})

describe('a plugin for another gateway', () => {
  it.each([
    ['GW_PLUGIN_PEER', { peerDependencies: { '@gatewright/kernel': '^7.0.0' } }, '^7.0.0'],
    ['GW_PLUGIN_NODE', { engines: { node: '>=99' } }, '>=99'],
    [
      'GW_PLUGIN_MANIFEST_MISMATCH',
      { gatewright: { provides: { middleware: ['other'] } } },
      'hello',
    ],
  ])('is refused with %s, unless the block says ignore_compat', async (errorCode, fields, said) => {
    using project = new Project()
    project.writePackage('node_modules/gatewright-plugin-maze', 'gatewright-plugin-maze', fields)

    const refused = await project.check({ plugins: { maze: {} } })
    const tried = await project.check({ plugins: { maze: { ignore_compat: true } } })

    expect(refused.problems).toMatchObject([{ path: ['plugins', 'maze'], code: errorCode }])
    expect(refused.problems[0]?.message).toContain(said)
    expect(refused.problems[0]?.hint).toContain('ignore_compat')
    expect(tried.problems).toEqual([])
    expect(tried.warnings).toHaveLength(1)
  })

  it('is refused with its contract, before its code runs', async () => {
    using project = new Project()
    const fields = { gatewright: { apiVersion: 2 } }
    project.writePackage(
      'node_modules/gatewright-plugin-maze',
      'gatewright-plugin-maze',
      fields,
      'throw 1',
    )

    expect((await project.check({ plugins: { maze: {} } })).problems).toMatchObject([
      {
        code: 'GW_PLUGIN_API_VERSION',
        message: 'plugin "gatewright-plugin-maze@1.2.0" needs plugin API 2; this kernel supports 1',
      },
    ])
  })

  it.each([
    ['refused', '9.0.0', 'problems'],
    ['warned of', 'own', 'warnings'],
  ] as const)(
    'is %s if it brings another kernel, with both paths',
    async (_what, version, where) => {
      using project = new Project()
      const own = fileURLToPath(new URL('../../kernel', import.meta.url))
      cpSync(join(own, 'src'), join(project.folder, 'kernel/src'), { recursive: true })
      symlinkSync(join(own, 'node_modules'), join(project.folder, 'kernel/node_modules'))
      const fields = { name: '@gatewright/kernel', version: version === 'own' ? '0.0.0' : version }
      const exported = { type: 'module', exports: './src/index.ts' }
      project.write('kernel/package.json', JSON.stringify({ ...fields, ...exported }))
      project.link('node_modules/@gatewright/kernel', 'kernel')
      const text = `import { definePlugin } from '@gatewright/kernel'\nexport default definePlugin(${body('two')})`
      project.write('two.js', text)

      const outcome = await project.check({ plugins: { two: { source: './two.js' } } })

      const [problem] = outcome[where]
      expect(problem).toMatchObject({ code: 'GW_PLUGIN_DUPLICATE_KERNEL' })
      const said = JSON.stringify(problem)
      expect(said).toContain(`${project.folder}/kernel`)
      expect(said).toContain(realpathSync(own))
    },
  )
})

describe('the block of a plugin', () => {
  it('may have it go by its label, so that one package can be used twice', async () => {
    using project = new Project()
    project.writePackage('node_modules/gatewright-plugin-maze', 'gatewright-plugin-maze')
    const second = { source: 'maze', rename: true, alias: { hello: 'other' } }

    const { problems, plugins } = await project.check({ plugins: { maze: {}, second } })

    expect(problems).toEqual([])
    expect(plugins).toEqual(['gatewright-plugin-maze', 'second'])
  })

  it('may say that the rest is to work without it', async () => {
    using project = new Project()
    const { problems, warnings } = await project.check({
      plugins: { maze: { optional: true } },
      middlewares: { it: { type: 'labyrinth' } },
    })

    expect(problems).toEqual([])
    expect(warnings.map(({ code: warned }) => warned)).toEqual([
      'GW_PLUGIN_NOT_FOUND',
      'GW_PLUGIN_UNAVAILABLE',
    ])
  })

  it('is refused with values that it cannot have', async () => {
    using project = new Project()
    const maze = { source: 1, enabled: 'yes', alias: { a: 1 }, timeout: 'soon' }

    expect((await project.check({ plugins: { maze } })).problems).toMatchObject([
      { code: 'GW_CONFIG_TYPE', message: '"source" must be a string' },
      { code: 'GW_CONFIG_TYPE', message: '"enabled" must be true or false' },
      { code: 'GW_CONFIG_TYPE', message: expect.stringContaining('"alias" must be a map') },
      { code: 'GW_CONFIG_TYPE', message: '"timeout" must be a duration such as "30s"' },
    ])
  })
})

function manifest(name: string, fields: object): string {
  return JSON.stringify({
    name: `gatewright-plugin-${name}`,
    version: '1.0.0',
    type: 'module',
    ...fields,
  })
}
