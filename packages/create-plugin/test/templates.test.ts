import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { kinds } from '../src/kinds.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const templates = fileURLToPath(new URL('../templates', import.meta.url))
const projects = readdirSync(templates).filter((name) =>
  readdirSync(join(templates, name)).includes('package.json'),
)

it('has a template of each kind in both languages', () => {
  const { middleware: _, ...others } = kinds
  const names = ['middleware-filter', 'middleware-around', ...Object.keys(others)]

  expect(projects.toSorted()).toEqual(
    names.flatMap((name) => [`${name}-js`, `${name}-ts`]).toSorted(),
  )
})

it.each(projects)('%s wants the tools that this repository is made with', (project) => {
  const manifest = readJson(join(templates, project, 'package.json'))
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')

  for (const name of ['@biomejs/biome', '@types/node', 'typescript', 'vitest']) {
    const range = (manifest['devDependencies'] as Record<string, string>)[name]
    const found = new RegExp(`^  '?${name}'?: \\^?(.+)$`, 'm').exec(catalog)
    expect(range).toBe(`^${found?.[1]}`)
  }
})

it.each(projects)(
  '%s has no server in its example that `npm run dev` does not start',
  (project) => {
    const example = readFileSync(join(templates, project, 'examples/gateway.hcl'), 'utf8')
    const dev = readFileSync(join(templates, 'common/examples/dev.mjs'), 'utf8')
    const upstream = readFileSync(join(templates, 'common/examples/upstream.mjs'), 'utf8')
    const servers = [...example.matchAll(/env\("(\w+)", "http:\/\/127\.0\.0\.1:(\d+)"\)/g)]

    for (const [, variable, port] of servers) {
      expect(dev).toContain(` ${variable}: `)
      expect(upstream).toContain(`= ${port}`)
    }
    expect(servers.length > 0 || project.startsWith('provider')).toBe(true)
  },
)

it.each(projects)('%s has its tests checked for types, too', (project) => {
  const language = project.slice(-2)
  const { include } = readJson(join(templates, `common-${language}`, 'tsconfig.json'))
  const { scripts } = readJson(join(templates, project, 'package.json'))

  expect(include).toEqual(['src', 'test'])
  expect((scripts as Record<string, string>)['check']).toMatch(/^tsc && /)
})

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
}
