import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './folder.ts'

const quick = ['--no-install', '--no-git']

describe('create-gatewright-plugin', () => {
  it('makes a project that bears the name everywhere', async () => {
    await using folder = await temporaryFolder()

    const { code, stdout } = await folder.create('geo-block', '--kind', 'matcher', ...quick)

    const project = join(folder.path, 'gatewright-plugin-geo-block')
    const files = await readdir(project, { recursive: true, withFileTypes: true })
    const texts = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    )
    expect(code).toBe(0)
    expect(stdout).toContain('Made gatewright-plugin-geo-block')
    expect(texts.join('\n')).not.toMatch(/my[-_]?plugin/i)
    expect(await readFile(join(project, 'src/matcher.ts'), 'utf8')).toContain("type: 'GeoBlock'")
    expect(existsSync(join(project, '.git'))).toBe(false)
  })

  it('makes a repository unless there is one', async () => {
    await using folder = await temporaryFolder()

    await folder.create('outer', '--yes', '--no-install')
    const outer = join(folder.path, 'gatewright-plugin-outer')
    await folder.create('inner', '--yes', '--no-install', '--dir', join(outer, 'inner'))

    expect(existsSync(join(outer, '.git'))).toBe(true)
    // The workflow runs for pushes to it, whatever git is told to call the first branch.
    expect(await readFile(join(outer, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n')
    expect(await readFile(join(outer, '.github/workflows/ci.yml'), 'utf8')).toContain('[main]')
    expect(existsSync(join(outer, 'inner/package.json'))).toBe(true)
    expect(existsSync(join(outer, 'inner/.git'))).toBe(false)
  })

  it('writes scope, licence and package manager where they belong', async () => {
    await using folder = await temporaryFolder()
    const options = ['--scope', 'acme', '--license', 'ISC', '--pm', 'pnpm', '--js']

    await folder.create('geo-block', '--yes', '--dir', 'here', ...options, ...quick)

    const read = (file: string): Promise<string> =>
      readFile(join(folder.path, 'here', file), 'utf8')
    const manifest: unknown = JSON.parse(await read('package.json'))
    expect(manifest).toMatchObject({
      name: '@acme/gatewright-plugin-geo-block',
      license: 'ISC',
      keywords: ['gatewright-plugin'],
      gatewright: { apiVersion: 1, provides: { middleware: ['geo-block'] } },
    })
    expect(await read('LICENSE')).toContain('ISC License')
    expect(await read('.github/workflows/ci.yml')).toContain('run: pnpm install')
    expect(await read('README.md')).toContain('pnpm run dev')
    expect(await read('README.md')).not.toContain('npm run dev starts')
    expect(await read('src/index.js')).toContain("name: '@acme/gatewright-plugin-geo-block'")
  })

  it('prints what was made as JSON', async () => {
    await using folder = await temporaryFolder()

    const { stdout } = await folder.create('geo-block', '-k', 'hook', '--json', ...quick)

    expect(JSON.parse(stdout)).toMatchObject({
      name: 'geo-block',
      package: 'gatewright-plugin-geo-block',
      kind: 'hook',
      language: 'ts',
      folder: join(folder.path, 'gatewright-plugin-geo-block'),
      files: expect.arrayContaining(['package.json', 'src/index.ts', '.gitignore']),
      git: false,
      installed: false,
    })
  })

  it('leaves a folder alone that has something in it, and says what', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'here'))
    await writeFile(join(folder.path, 'here/notes.txt'), 'mine')

    const { code, stderr } = await folder.create('geo-block', '--yes', '--dir', 'here', ...quick)

    expect(code).toBe(2)
    expect(stderr).toMatch(/is not empty\n {2}notes\.txt/)
    expect(await readdir(join(folder.path, 'here'))).toEqual(['notes.txt'])
  })

  it.each([
    { args: ['GeoBlock', '--yes'], said: /"GeoBlock".*lower-case words[^]*geo-block\?/ },
    { args: ['@acme/geo', '--yes'], said: /Did you mean geo --scope @acme\?/ },
    { args: ['gatewright-plugin-geo', '--yes'], said: /without "gatewright-plugin-"[^]*geo\?/ },
    { args: ['geo', '--kind', 'midleware'], said: /unknown kind[^]*--kind middleware\?/ },
    { args: ['geo', '--yes', '--pm', 'nmp'], said: /unknown package manager[^]*--pm npm\?/ },
    { args: ['geo', '--yes', '--license', 'mit'], said: /--license MIT\?/ },
    { args: ['geo', '--kind', 'hook', '--style', 'around'], said: /only a middleware/ },
    { args: ['geo'], said: /what kind of plugin is it\? --kind middleware \|/ },
    { args: ['--yes'], said: /what is the plugin to be called/ },
    { args: ['geo', '--yes', '--flavour', 'sweet'], said: /unknown option '--flavour'/ },
  ])('makes nothing for $args and says why', async ({ args, said }) => {
    await using folder = await temporaryFolder()

    const { code, stderr } = await folder.create(...args, ...quick)

    expect(code).toBe(2)
    expect(stderr).toMatch(said)
    expect(await readdir(folder.path)).toEqual([])
  })
})
