import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CheckFailed, run, runPnpm, runTool } from './command.ts'
import { packAll } from './packing.ts'
import type { Package } from './workspace.ts'

/**
 * Packs every package as for a release and looks at the result from outside: are the manifests and
 * types in order, does everything install into an empty project, can it be imported, does the
 * command start? Needs a finished build.
 */
export async function checkPackedPackages(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-packed-'))
  try {
    const tarballs = await packAll(folder)
    const packages = [...tarballs.keys()]
    await lintAll([...tarballs.values()])
    const project = join(folder, 'project')
    await install(project, tarballs)
    await importAll(project, packages)
    await startCommands(project, packages)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function lintAll(tarballs: string[]): Promise<void> {
  const queue = tarballs.values()
  const worker = async (): Promise<void> => {
    for (const tarball of queue) await lint(tarball)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

async function lint(tarball: string): Promise<void> {
  const files = (await run('tar', ['-tzf', tarball])).trim().split('\n')
  const usual = /^package\/(?:dist\/.+\.(?:js|d\.ts|js\.map)|bin\/.+|templates\/.+)$/
  const stray = files.filter((file) => !usual.test(file))
  const expected = ['package/LICENSE', 'package/README.md', 'package/package.json']
  if (stray.toSorted().join() !== expected.join()) {
    throw new CheckFailed(
      `unexpected files in ${tarball}`,
      `besides dist, bin and templates: expected ${expected.join(', ')}\nfound ${stray.join(', ')}\n`,
    )
  }
  // It warns of "exports" in manifests that are not at the root, as those of templates are.
  const strict = files.some((file) => file.startsWith('package/templates/')) ? [] : ['--strict']
  await runTool('publint/src/cli.js', 'run', tarball, ...strict)
  const noLookup = '--no-definitely-typed'
  await runTool('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', noLookup)
}

/** Makes a project outside the workspace that has all packages and nothing else. */
async function install(project: string, tarballs: ReadonlyMap<Package, string>): Promise<void> {
  const dependencies = Object.fromEntries(
    [...tarballs].map(([{ manifest }, tarball]) => [manifest.name, `file:${tarball}`]),
  )
  await mkdir(project)
  await writeJson(join(project, 'package.json'), { private: true, type: 'module', dependencies })
  // The packages ask for each other by version, and no registry has that version yet.
  await writeJson(join(project, 'pnpm-workspace.yaml'), { overrides: dependencies })
  await runPnpm(['install', '--prefer-offline'], { cwd: project })
}

function writeJson(file: string, value: unknown): Promise<void> {
  return writeFile(file, JSON.stringify(value, undefined, 2))
}

/** Other entries than the main one need what their users bring, such as a test runner. */
async function importAll(project: string, packages: readonly Package[]): Promise<void> {
  const program = packages.map(({ manifest }) => `await import('${manifest.name}')\n`).join('')
  await writeFile(join(project, 'import-all.js'), program)
  await run(process.execPath, ['import-all.js'], { cwd: project })
}

async function startCommands(project: string, packages: readonly Package[]): Promise<void> {
  for (const { manifest } of packages) {
    for (const command of Object.keys(manifest.bin ?? {})) {
      const program = join(project, 'node_modules/.bin', command)
      const printed = await run(program, ['--version'], { cwd: project })
      if (!printed.includes(manifest.version)) {
        throw new CheckFailed(`${command} --version does not print ${manifest.version}`, printed)
      }
    }
  }
}
