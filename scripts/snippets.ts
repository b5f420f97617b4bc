import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from './command.ts'
import { readPackages, root } from './workspace.ts'

const patterns = ['README.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/**/README.md']
const folder = join(root, 'node_modules/.snippets')

/** Compiles what stands in READMEs and docs as TypeScript, each block as a module of its own. */
export async function checkSnippets(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = globSync(patterns, { cwd: root, exclude: isNotOurs })
  for (const file of files) {
    const blocks = readFileSync(join(root, file), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)
    for (const [index, [, code = '']] of [...blocks].entries()) {
      // The name leads from an error message back to the place.
      const name = file.replaceAll('/', '+').replace(/\.md$/, '')
      writeFileSync(join(folder, `${name}.${index + 1}.ts`), `${code}\nexport {}\n`)
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config(), undefined, 2))
  await runTool('typescript/bin/tsc', '-p', join(folder, 'tsconfig.json'))
}

/** Dependencies, and the pages of the site that are made of sources. */
function isNotOurs(path: string): boolean {
  return path.includes('node_modules') || path.startsWith('docs/api')
}

function config(): object {
  const paths = readPackages().flatMap(({ folder: home, manifest: { name } }) => [
    [name, [join(home, 'src/index.ts')]],
    [`${name}/conformance`, [join(home, 'src/conformance/index.ts')]],
    [`${name}/vitest`, [join(home, 'src/vitest.ts')]],
  ])
  return {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      composite: false,
      declaration: false,
      rewriteRelativeImportExtensions: false,
      paths: Object.fromEntries(paths),
    },
    include: ['*.ts', join(root, 'packages/*/src/*.d.ts')],
  }
}
