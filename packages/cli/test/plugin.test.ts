import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFolder, type Ending, type Folder, runCli } from './cli.ts'

const source = `export default {
  name: 'gatewright-plugin-shout',
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
}
`

const manifest = {
  name: 'gatewright-plugin-shout',
  version: '1.2.3',
  type: 'module',
  license: 'MIT',
  engines: { node: '>=24.11' },
  exports: {
    '.': { types: './index.d.ts', default: './index.js' },
    './package.json': './package.json',
  },
  keywords: ['gatewright-plugin'],
  peerDependencies: { '@gatewright/kernel': '^1.0.0' },
  gatewright: { apiVersion: 1, kinds: ['middleware'], provides: { middleware: ['shout'] } },
}

describe('plugin list', () => {
  it('has what comes along and what the configuration lists, with versions and files', async () => {
    await using folder = await packageFolder()
    await folder.write('gateway.hcl', 'plugins "gatewright-plugin-shout" { source = "./index.js" }')

    const { stdout } = await runCli(['plugin', 'list', '--json'], { cwd: folder.path })

    const listed: { readonly name: string }[] = JSON.parse(stdout)
    expect(listed.find(({ name }) => name === '@gatewright/plugin-cors')).toEqual({
      name: '@gatewright/plugin-cors',
      package: '@gatewright/plugin-cors',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      source: null,
      provides: { middleware: ['cors'] },
    })
    expect(listed.find(({ name }) => name === 'gatewright-plugin-shout')).toMatchObject({
      version: '1.2.3',
      source: expect.stringMatching(/index\.js$/),
      provides: { middleware: ['shout'] },
    })
  })

  it("says of a type whose it is, and what is nearest if it is nobody's", async () => {
    const known = await runCli(['plugin', 'why', 'round-robin'])
    const wrong = await runCli(['plugin', 'why', 'rate-limt'])

    expect(known.stdout).toContain('balancer "round-robin" is of @gatewright/plugin-load-balancer')
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain('Did you mean rate-limit?')
  })

  it('tells of one that the project depends upon, in all three ways', async () => {
    await using folder = await createFolder({
      'package.json': JSON.stringify({ dependencies: { [manifest.name]: '^1.0.0' } }),
    })
    const root = join(folder.path, 'node_modules', manifest.name)
    await mkdir(root, { recursive: true })
    const anyKernel = { peerDependencies: { '@gatewright/kernel': '*' } }
    await writeFile(join(root, 'package.json'), JSON.stringify({ ...manifest, ...anyKernel }))
    await writeFile(join(root, 'index.js'), source.replace(`'${manifest.name}'`, "'shouting'"))
    const ask = (...args: readonly string[]): Promise<Ending> =>
      runCli(['plugin', ...args], { cwd: folder.path })

    const [why, info, list] = [
      await ask('why', 'shout'),
      await ask('info', 'shouting'),
      await ask('list', '--json'),
    ]

    expect(why.stdout).toMatch(
      /^middleware "shout" is of shouting: the project depends upon gatewright-plugin-shout@1\.2\.3, from .*index\.js, which is loaded/,
    )
    expect(info.stdout).toMatch(
      /^shouting 1\.2\.3\nfrom .*index\.js of the package gatewright-plugin-/,
    )
    const listed: { readonly name: string }[] = JSON.parse(list.stdout)
    expect(listed.find(({ name }) => name === 'shouting')).toEqual({
      name: 'shouting',
      package: 'gatewright-plugin-shout',
      version: '1.2.3',
      source: expect.stringMatching(/index\.js$/),
      provides: { middleware: ['shout'] },
    })
  })

  it('shows one with all options', async () => {
    const { stdout } = await runCli(['plugin', 'info', 'body-limit'])

    expect(stdout).toContain('middleware "body-limit"')
    expect(stdout).toMatch(/max_body_bytes +size/)
  })
})

describe('explain of an option', () => {
  it('says what it is for, its type and its default', async () => {
    const { code, stdout } = await runCli(['explain', 'middleware.retry.max_retries'])

    expect(code).toBe(0)
    expect(stdout).toMatch(/^middleware\.retry\.max_retries: /)
    expect(stdout).toContain('default  3')
    expect(stdout).toContain('of       @gatewright/plugin-retry')
  })

  it('knows nested ones, whole types, and what is nearest to a wrong one', async () => {
    const nested = await runCli(['explain', 'middleware.ip-allow.ip_strategy.depth', '--json'])
    const whole = await runCli(['explain', 'section.metrics'])
    const wrong = await runCli(['explain', 'middleware.retry.max_retry'])

    expect(JSON.parse(nested.stdout)).toMatchObject({ key: 'ip_strategy.depth', type: 'integer' })
    expect(whole.stdout).toMatch(/prefix +string +"gateway_"/)
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain('Did you mean max_retries?')
  })
})

describe('explain of an option without its kind', () => {
  it('says which kind it has', async () => {
    const { code, stderr } = await runCli(['explain', 'retry.max_retries'])

    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean middleware.retry.max_retries?')
  })
})

describe('plugin docs', () => {
  it('writes the options between its comments, and says later that they are there', async () => {
    await using folder = await packageFolder()
    const marks = '<!-- gatewright:options -->\n<!-- /gatewright:options -->'
    await folder.write('README.md', `# Shout\n\n${marks}\n\nMore.\n`)

    const early = await docs(folder, '--check')
    const written = await docs(folder)
    const late = await docs(folder, '--check')

    expect(early).toMatchObject({ code: 1 })
    expect(early.stderr).toContain('is old')
    expect(written).toMatchObject({ code: 0, stderr: '' })
    expect(late).toMatchObject({ code: 0 })
    expect(await readFile(join(folder.path, 'README.md'), 'utf8')).toBe(`# Shout

<!-- gatewright:options -->
| key | type | default | meaning |
|---|---|---|---|
| \`louder\` | boolean | \`false\` | How loud. |
<!-- /gatewright:options -->

More.
`)
  })

  it('takes a table for the same if a tool has made its columns equally wide', async () => {
    await using folder = await packageFolder()
    const padded = `# Shout

<!-- gatewright:options -->
| key      | type    | default | meaning   |
| -------- | ------- | ------- | --------- |
| \`louder\` | boolean | \`false\` | How loud. |
<!-- /gatewright:options -->
`
    await folder.write('README.md', padded)

    expect(await docs(folder, '--check')).toMatchObject({ code: 0 })
    expect(await docs(folder)).toMatchObject({ code: 0 })
    expect(await readFile(join(folder.path, 'README.md'), 'utf8')).toBe(padded)
    await folder.write('README.md', padded.replace('`false`', '`true` '))
    expect(await docs(folder, '--check')).toMatchObject({ code: 1 })
  })

  it('asks for the comments if they are not there', async () => {
    await using folder = await packageFolder()

    const { code, stderr } = await docs(folder)

    expect(code).toBe(1)
    expect(stderr).toContain('<!-- gatewright:options -->')
  })

  it('does without them if there are no options', async () => {
    await using folder = await packageFolder()
    await folder.write('index.js', "export default { name: 'shout', setup() {} }")

    expect(await docs(folder, '--check')).toMatchObject({ code: 0 })
  })

  it('tells what the plugin takes itself, also if that is required', async () => {
    await using folder = await packageFolder()
    const own = `{
      type: 'object',
      additionalProperties: false,
      required: ['voice'],
      properties: { voice: { type: 'string', description: 'Whose.' } },
    }`
    await folder.write('index.js', `export default { name: 'shout', schema: ${own}, setup() {} }`)
    await folder.write('README.md', '<!-- gatewright:options -->\n<!-- /gatewright:options -->')

    await docs(folder)

    const text = await readFile(join(folder.path, 'README.md'), 'utf8')
    expect(text).toContain('| `voice` | string | required | Whose. |')
  })
})

describe('plugin doctor', () => {
  it('finds nothing in a package that is in order', async () => {
    await using folder = await packageFolder()

    const { code, stdout } = await runCli(['plugin', 'doctor', folder.path])

    expect(stdout).not.toContain('✗')
    expect(code).toBe(0)
  })

  const without = (key: string): object => ({ ...manifest, [key]: undefined })
  it.each([
    ['another name', { ...manifest, name: 'shout' }, 'gatewright-plugin-…'],
    ['no modules', without('type'), '"type": "module"'],
    ['no exports', without('exports'), '"exports"'],
    [
      'exports for import alone',
      { ...manifest, exports: { '.': { import: './index.js' } } },
      '"default"',
    ],
    ['no types', { ...manifest, exports: { '.': './index.js' } }, '"types"'],
    ['types that are not there', withTypes('./types.d.ts'), './types.d.ts is not there'],
    ['no peer', without('peerDependencies'), '"peerDependencies"'],
    ['a kernel of its own', { ...manifest, dependencies: { '@gatewright/kernel': '1' } }, 'move'],
    ['no keyword', without('keywords'), '"keywords"'],
    ['no declaration', without('gatewright'), 'expected "gatewright": {"apiVersion":1,'],
    ['too much declared', declares(['shout', 'whisper']), '"provides":{"middleware":["shout"]}'],
    ['no licence', without('license'), '"license"'],
    ['no Node', without('engines'), '"engines"'],
  ])('says what to do about %s', async (_, broken, remedy) => {
    await using folder = await packageFolder(broken)

    const { code, stdout } = await runCli(['plugin', 'doctor', folder.path, '--json'])

    const findings: { readonly problem?: string }[] = JSON.parse(stdout)
    const problems = findings.flatMap(({ problem }) => problem ?? [])
    expect(problems.join('\n')).toContain(remedy)
    expect(code).toBe(1)
  })

  it('says why a plugin cannot be loaded', async () => {
    await using folder = await packageFolder()
    await folder.write('index.js', 'export default { name: 7 }')

    const { code, stdout } = await runCli(['plugin', 'doctor', folder.path])

    expect(code).toBe(1)
    expect(stdout).toContain('✗ can be loaded and set up')
  })
})

function withTypes(types: string): object {
  return { ...manifest, exports: { ...manifest.exports, '.': { types, default: './index.js' } } }
}

function declares(middleware: readonly string[]): object {
  return { ...manifest, gatewright: { ...manifest.gatewright, provides: { middleware } } }
}

function docs(folder: Folder, ...args: readonly string[]): Promise<Ending> {
  return runCli(['plugin', 'docs', folder.path, ...args])
}

function packageFolder(described: object = manifest): Promise<Folder> {
  return createFolder({
    'package.json': JSON.stringify(described),
    'index.js': source,
    'index.d.ts': '',
    'README.md': '# Shout\n',
    LICENSE: '',
  })
}
