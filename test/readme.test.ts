import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { formatPath, parseHcl } from '@gatewright/config-hcl'
import { Gateway } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { recordLogs, testCertificate } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const patterns = [
  'README.md',
  'docs/*.md',
  'docs/{coming-from,plugins}/*.md',
  'packages/*/README.md',
  'examples/**/README.md',
  'deploy/**/README.md',
]
const readmes = globSync(patterns, {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
})

const blocks = readmes.flatMap((file) =>
  codeBlocks(readFileSync(join(root, file), 'utf8'), 'hcl').map((hcl, index) => ({
    file,
    index: index + 1,
    hcl,
  })),
)

describe('the configurations in the READMEs and in docs', () => {
  it('are there', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5)
  })

  it.each(blocks)('$file, block $index, is valid as it stands', async ({ file, hcl }) => {
    await using certificates = await certificatesOf(hcl)
    const folder = certificates?.folder ?? join(root, dirname(file))
    const name = certificates === undefined ? relative(root, file) : join(folder, 'gateway.hcl')
    const document = await parseHcl(hcl, { file: name, allowMissingEnv: true })
    const gateway = new Gateway({
      loader: createLoader({ baseDir: folder }),
      log: recordLogs().log,
    })

    const problems = await gateway.validate(document)

    expect(problems.map(({ path, message }) => `${formatPath(path)}: ${message}`)).toEqual([])
  })
})

/** A folder with the certificates and keys that a configuration has in `certs/`, if it has some. */
async function certificatesOf(
  hcl: string,
): Promise<(AsyncDisposable & { readonly folder: string }) | undefined> {
  const names = [...hcl.matchAll(/"(certs\/[\w.-]+)"/g)].map(([, name = '']) => name)
  if (names.length === 0) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-readme-'))
  await mkdir(join(folder, 'certs'))
  const { cert, key } = await testCertificate()
  for (const name of names) {
    await writeFile(join(folder, name), name.endsWith('.key') ? key : cert)
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

/** What stands between fences of that language. */
function codeBlocks(markdown: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
  return [...markdown.matchAll(fence)].map((match) => match[1] ?? '')
}
