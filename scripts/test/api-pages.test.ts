import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, writeApi } from '../../docs/.vitepress/api.ts'
import { entriesOf } from '../../docs/.vitepress/api-entries.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-api-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('pages of a package', () => {
  const pages = join(folder, 'kernel')
  const read = (page: string): string => readFileSync(join(pages, page), 'utf8')
  let api: Api
  beforeAll(async () => {
    api = await writeApi(entriesOf('kernel'), pages)
  }, 120_000)

  it('a function has a page with its signature, its text, and links to its types', () => {
    const page = read('kernel/functions/definePlugin.md')
    expect(page).toMatch(/^# Function: definePlugin\(\)$/m)
    expect(page).toContain('function definePlugin<O = undefined>(plugin: Plugin<O>): Plugin<O>;')
    expect(page).toContain('gives `setup` its types')
    expect(page).toContain('[`Plugin`](../interfaces/Plugin.md)')
  })

  it('a member of an interface has a heading, a signature and its text', () => {
    const page = read('kernel/interfaces/Scope.md')
    expect(page).toContain('### keep {#api-keep}')
    expect(page).toContain('readonly keep: <T>(key: string, create: () => T) => T;')
    expect(page).toContain('A resource that outlives a reload')
  })

  it('the page of the package lists what it exports', () => {
    expect(read('kernel/index.md')).toMatch(
      /^\| \[definePlugin\]\(functions\/definePlugin\.md\) \| .+ \|$/m,
    )
  })

  it('the site learns where everything is', () => {
    const [kernel] = api.modules
    expect(kernel).toMatchObject({ name: '@gatewright/kernel', link: '/api/kernel/' })
    expect(kernel?.exports.find(({ name }) => name === 'Scope')).toMatchObject({
      link: '/api/kernel/interfaces/Scope',
      kind: 'Interfaces',
      members: expect.arrayContaining([
        { name: 'keep', link: '/api/kernel/interfaces/Scope#api-keep' },
      ]),
    })
  })

  it('nothing is wrong with its comments', () => {
    expect(api.problems).toEqual([])
  })
})

it('complains of exports without comment, of types that are not exported, and of dead links', async () => {
  writeFileSync(
    join(folder, 'entry.ts'),
    `interface Hidden { readonly value: number }
    export const silent: number = 1
    /** Shows {@link Nowhere}. */
    export function show(hidden: Hidden): void {}`,
  )
  writeFileSync(join(folder, 'package.json'), '{ "name": "small", "version": "1.0.0" }')
  const tsconfig = join(folder, 'tsconfig.json')
  writeFileSync(tsconfig, '{ "compilerOptions": { "types": [] }, "include": ["*.ts"] }')
  const entry = { name: 'small', file: join(folder, 'entry.ts') }
  const { problems } = await writeApi([entry], join(folder, 'small'), tsconfig)
  expect(problems).toHaveLength(3)
  expect(problems).toEqual(
    expect.arrayContaining([
      'small: silent has no comment',
      expect.stringMatching(/^Hidden, .* referenced by small\.show/),
      expect.stringMatching(/"Nowhere".*small\.show/),
    ]),
  )
}, 120_000)
