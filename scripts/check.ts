/**
 * Everything that CI runs, in the order in which it is cheapest to fail.
 *
 *   npm run check                  all steps
 *   npm run check -- lint types    only these
 *   npm run check -- --node26      all steps, and the tests on Node 26 as well
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CheckFailed, run, runPnpm, runTool } from './command.ts'
import { checkGeneratedPlugins } from './generated-plugins.ts'
import { checkPackedPackages } from './packed-packages.ts'
import { checkSnippets } from './snippets.ts'
import { checkLockfiles, checkTexts } from './text-checks.ts'
import { readPackages, root } from './workspace.ts'

interface Step {
  readonly name: string
  readonly title: string
  readonly run: () => Promise<unknown>
}

const steps: readonly Step[] = [
  {
    name: 'format',
    title: 'formatting',
    run: () => runTool('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'),
  },
  { name: 'lint', title: 'lint', run: () => runTool('oxlint/bin/oxlint') },
  {
    name: 'unused',
    title: 'unused code',
    run: () => runTool('knip/bin/knip.js', '--no-config-hints'),
  },
  {
    name: 'types',
    title: 'types',
    run: () => runTool('typescript/bin/tsc', '-p', 'tsconfig.json'),
  },
  { name: 'snippets', title: 'code in READMEs', run: checkSnippets },
  { name: 'docs', title: 'option tables', run: () => run('node', ['scripts/docs.ts', '--check']) },
  { name: 'site', title: 'site of the docs', run: buildSite },
  { name: 'build', title: 'build', run: build },
  { name: 'packages', title: 'packed packages', run: checkPackedPackages },
  { name: 'generated', title: 'generated plugins', run: checkGeneratedPlugins },
  { name: 'lockfile', title: 'lockfiles', run: checkLockfiles },
  { name: 'texts', title: 'texts', run: checkTexts },
  { name: 'node26', title: 'tests on Node 26', run: testOnNode26 },
  { name: 'test', title: 'tests', run: test },
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node26: { type: 'boolean', default: false } },
})
for (const step of select()) await perform(step)

function select(): readonly Step[] {
  const unknown = positionals.find((name) => !steps.some((step) => step.name === name))
  if (unknown !== undefined) {
    console.error(`unknown step "${unknown}"; known: ${steps.map(({ name }) => name).join(', ')}`)
    process.exit(1)
  }
  if (positionals.length > 0) return steps.filter(({ name }) => positionals.includes(name))
  return steps.filter(({ name }) => name !== 'node26' || values.node26)
}

/** Prints nothing after the output of the tests: their last line says how they went. */
async function perform({ name, title, run: start }: Step): Promise<void> {
  if (name === 'test') console.log(title)
  else process.stdout.write(`${title} ... `)
  const started = performance.now()
  try {
    await start()
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error
    if (name !== 'test') console.log(`failed\n${error.output}${error.message}`)
    process.exit(1)
  }
  if (name !== 'test') console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`)
}

/** From nothing, since the compiler leaves behind what was made from sources that are gone. */
async function build(): Promise<void> {
  for (const { folder } of readPackages()) {
    await rm(join(folder, 'dist'), { recursive: true, force: true })
  }
  await runTool('typescript/bin/tsc', '-b', 'tsconfig.build.json')
}

/** Fails on a link that leads nowhere. */
async function buildSite(): Promise<void> {
  await run('node', [join(root, 'docs/node_modules/vitepress/bin/vitepress.js'), 'build', 'docs'])
}

async function testOnNode26(): Promise<void> {
  const folder = join(root, 'tools/node26')
  await runPnpm(['--dir', folder, '--ignore-workspace', 'install', '--frozen-lockfile'])
  // Not through `node_modules/.bin`: what lies there prefers the Node beside it.
  await run(join(folder, 'node_modules/.bin/node'), ['node_modules/vitest/vitest.mjs', 'run'])
}

async function test(): Promise<void> {
  const child = spawn('npm', ['--loglevel=silent', 'test'], { cwd: root, stdio: 'inherit' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new CheckFailed('tests failed', '')
}
