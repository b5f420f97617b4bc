import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, manifestRules, textsIn } from '@gatewright/standard/packages'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { type Output, paint } from '../output.ts'
import { type PluginPackage, readPluginPackage } from './plugin-package.ts'

/** Something that a package of a plugin has to fulfil. */
interface Check {
  readonly what: string
  /** What is wrong, with the remedy; `undefined` if it is in order. */
  readonly find: (pkg: PluginPackage) => string | undefined
}

/** A check that was made. */
interface Finding {
  readonly check: string
  readonly problem?: string
}

const checks: readonly Check[] = [
  {
    what: 'can be loaded and set up',
    find: ({ plugin }) => ('problem' in plugin ? `${plugin.problem}; build it first?` : undefined),
  },
  ...manifestRules.map(({ what, find }) => ({
    what,
    find: ({ manifest, plugin }: PluginPackage) =>
      find(manifest, 'problem' in plugin ? undefined : plugin.extensions),
  })),
  {
    what: 'has types',
    find: ({ manifest: { exports: exported }, folder }) => {
      const main = isRecord(exported) && '.' in exported ? exported['.'] : exported
      const types = isRecord(main) ? main['types'] : undefined
      if (typeof types !== 'string') return 'add "types" to the "exports" of "."'
      return existsSync(join(folder, types)) ? undefined : `${types} is not there; build it first?`
    },
  },
  {
    what: 'says which Node it needs',
    find: ({ manifest }) =>
      'node' in textsIn(manifest, 'engines') ? undefined : 'add "engines": { "node": ">=24.11" }',
  },
  {
    what: 'has a licence',
    find: ({ manifest: { license }, folder }) => {
      if (typeof license !== 'string') return 'add "license"'
      return license === 'UNLICENSED' || existsSync(join(folder, 'LICENSE'))
        ? undefined
        : 'add a file LICENSE'
    },
  },
  {
    what: 'has a README',
    find: ({ folder }) => (existsSync(join(folder, 'README.md')) ? undefined : 'write README.md'),
  },
]

/** Looks at a package as somebody does who is going to install it. */
export async function examinePlugin(path: string, output: Output): Promise<ExitCode> {
  const pkg = await readPluginPackage(path)
  const findings = checks.map(({ what, find }): Finding => {
    const problem = find(pkg)
    return { check: what, ...(problem !== undefined && { problem }) }
  })
  if (output.json) output.printJson(findings)
  else for (const finding of findings) output.print(render(finding, output))
  const isSound = findings.every(({ problem }) => problem === undefined)
  return isSound ? exitCodes.ok : exitCodes.failed
}

function render({ check, problem }: Finding, { stdout }: Output): string {
  if (problem === undefined) return paint(stdout, 'green', `✓ ${check}`)
  return `${paint(stdout, 'red', `✗ ${check}`)}\n    ${problem}`
}
