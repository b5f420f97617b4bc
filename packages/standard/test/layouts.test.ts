import { describe, expect, it } from 'vitest'
import { body, code, Project } from './support/project.ts'

// As npm, pnpm and Yarn leave them, and plugins of every kind of module in one go each: a process
// is started for every check.
describe('plugins', () => {
  it('are found where npm puts them, whatever their modules are', async () => {
    using project = new Project()
    const files = { esm: {}, only: { exports: { '.': { import: './index.js' } } } }
    for (const [short, manifest] of Object.entries(files)) {
      project.writePackage(root(short), name(short), manifest, code(name(short), short))
    }
    const cjs = `module.exports = ${body(name('cjs'), 'cjs')}`
    project.writePackage(root('cjs'), name('cjs'), { type: 'commonjs' }, cjs)
    const compiled = `exports.__esModule = true; exports.default = ${body(name('old'), 'old')}`
    project.writePackage(root('old'), name('old'), { type: 'commonjs' }, compiled)
    const dual = { '.': { types: './x.d.ts', require: './no.cjs', default: './index.js' } }
    project.writePackage(root('dual'), name('dual'), { exports: dual }, code(name('dual'), 'dual'))
    const scoped = '@acme/gatewright-plugin-fox'
    project.writePackage(`node_modules/${scoped}`, scoped, {}, code(scoped, 'fox'))
    project.write(
      'plugins/local.ts',
      `const it: object = ${body('local', 'local')}\nexport default it`,
    )
    project.writePackage('plugins/folder', 'folder', {}, code('folder', 'folder'))

    const { problems, plugins } = await project.check({
      plugins: {
        esm: {},
        only: {},
        cjs: {},
        old: {},
        dual: {},
        fox: { source: scoped },
        local: { source: './plugins/local.ts' },
        folder: { source: './plugins/folder' },
      },
    })

    expect(problems).toEqual([])
    const packages = ['cjs', 'dual', 'esm', 'old', 'only'].map(name)
    expect(plugins.toSorted()).toEqual([scoped, 'folder', ...packages, 'local'])
  })

  it('are found where pnpm puts them, with what they need', async () => {
    using project = new Project()
    const store = 'node_modules/.pnpm/gatewright-plugin-maze@1.2.0/node_modules'
    const text = `import { type } from 'words'\n${code('gatewright-plugin-maze')}`
    project.writePackage(`${store}/gatewright-plugin-maze`, 'gatewright-plugin-maze', {}, text)
    project.writePackage(
      'node_modules/.pnpm/words@1.0.0/node_modules/words',
      'words',
      {},
      'export const type = 1',
    )
    project.link(`${store}/words`, 'node_modules/.pnpm/words@1.0.0/node_modules/words')
    project.link('node_modules/gatewright-plugin-maze', `${store}/gatewright-plugin-maze`)

    const { problems, plugins } = await project.check({ plugins: { maze: {} } })

    expect(problems).toEqual([])
    expect(plugins).toEqual(['gatewright-plugin-maze'])
  })

  it('are found where Yarn puts them: above the workspace, or as a link to another one', async () => {
    using project = new Project()
    project.write('yarn.lock', '')
    project.writePackage('node_modules/gatewright-plugin-maze', 'gatewright-plugin-maze')
    project.writePackage(
      'packages/fox',
      '@acme/gatewright-plugin-fox',
      {},
      code('@acme/gatewright-plugin-fox', 'fox'),
    )
    project.link('node_modules/@acme/gatewright-plugin-fox', 'packages/fox')
    project.write('packages/site/package.json', '{ "name": "site" }')

    const blocks = { maze: {}, fox: { source: '@acme/gatewright-plugin-fox' }, lost: {} }
    const { problems, plugins } = await project.check({ plugins: blocks }, 'packages/site')

    expect(plugins).toEqual(['gatewright-plugin-maze', '@acme/gatewright-plugin-fox'])
    expect(problems).toMatchObject([
      {
        path: ['plugins', 'lost'],
        hint: expect.stringContaining('yarn add gatewright-plugin-lost'),
      },
    ])
  })
})

describe('a plugin that the project depends upon', () => {
  it('needs no block: its types are enough', async () => {
    using project = projectWith(['gatewright-plugin-maze'])

    const { problems, plugins } = await project.check({ middlewares: { it: { type: 'hello' } } })

    expect(problems).toEqual([])
    expect(plugins).toContain('gatewright-plugin-maze')
  })

  it('is not loaded for nothing, and not if it is switched off', async () => {
    using project = projectWith(['gatewright-plugin-maze'])

    const { problems, plugins } = await project.check({
      plugins: { maze: { enabled: false } },
      middlewares: { it: { type: 'hello' } },
    })

    expect(plugins).toEqual([])
    expect(problems).toMatchObject([
      {
        code: 'GW_UNKNOWN_TYPE',
        message: 'unknown middleware "hello"; plugin "maze", which has it, is switched off',
        hint: 'remove enabled = false from plugins "maze"',
      },
    ])
  })

  it('is refused if another one has the same type, which an alias settles', async () => {
    const names = ['gatewright-plugin-fox', 'gatewright-plugin-maze']
    using project = projectWith(names)
    const middlewares = { it: { type: 'hello' } }

    const clash = await project.check({ middlewares })
    const settled = await project.check({
      plugins: { maze: { alias: { hello: 'hello-maze' } } },
      middlewares: { ...middlewares, other: { type: 'hello-maze' } },
    })

    expect(clash.problems).toMatchObject([
      {
        path: ['middlewares', 'it', 'type'],
        code: 'GW_DUPLICATE_TYPE',
        message: `middleware "hello" is registered by ${names[0]} and by ${names[1]}`,
        hint: expect.stringContaining('alias = { "hello" = "other-hello" }'),
      },
    ])
    expect(settled.problems).toEqual([])
  })
})

function root(short: string): string {
  return `node_modules/${name(short)}`
}

function name(short: string): string {
  return `gatewright-plugin-${short}`
}

function projectWith(names: readonly string[]): Project {
  const project = new Project()
  const dependencies = Object.fromEntries(names.map((one) => [one, '^1.0.0']))
  project.write('package.json', JSON.stringify({ name: 'site', dependencies }))
  const gatewright = { apiVersion: 1, provides: { middleware: ['hello'] } }
  const manifest = { keywords: ['gatewright-plugin'], gatewright }
  for (const one of names) project.writePackage(`node_modules/${one}`, one, manifest)
  return project
}
