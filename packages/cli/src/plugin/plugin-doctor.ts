import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { type Output, paint } from '../output.ts'
import {
  isRecord,
  type LoadedPlugin,
  type Manifest,
  type PluginPackage,
  readPluginPackage,
} from './plugin-package.ts'

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

const kernel = '@gatewright/kernel'

const checks: readonly Check[] = [
  {
    what: 'it can be loaded and set up',
    find: ({ plugin }) => ('problem' in plugin ? `${plugin.problem}; build it first?` : undefined),
  },
  {
    what: 'the name of the package begins as those of plugins do',
    find: ({ manifest }) => {
      const name = manifest['name']
      const ok = /^(?:@[^/]+\/)?gatewright-plugin-[a-z][a-z0-9-]*$|^@gatewright\//
      return ok.test(String(name))
        ? undefined
        : `"name" is ${JSON.stringify(name)}; call it gatewright-plugin-… or @scope/gatewright-plugin-…`
    },
  },
  {
    what: 'it is a package of ES modules for everybody',
    find: ({ manifest }) => {
      if (manifest['type'] !== 'module') return 'add "type": "module"'
      const entry = entryIn(manifest)
      if (entry === undefined) return 'add "exports": { ".": { "types": …, "default": … } }'
      if (typeof entry !== 'string' && entry['default'] === undefined) {
        return 'the "exports" of "." need "default", which require() finds as well as import'
      }
      return undefined
    },
  },
  {
    what: 'it has types',
    find: ({ manifest, folder }) => {
      const entry = entryIn(manifest)
      const types = isRecord(entry) ? entry['types'] : undefined
      if (typeof types !== 'string') return 'add "types" to the "exports" of "."'
      return existsSync(join(folder, types)) ? undefined : `${types} is not there; build it first?`
    },
  },
  {
    what: 'tools can read its package.json',
    find: ({ manifest: { exports: exported } }) =>
      isRecord(exported) && exported['./package.json'] !== undefined
        ? undefined
        : 'add "./package.json": "./package.json" to "exports"',
  },
  {
    what: 'the kernel is a peer, so that there is one only',
    find: ({ manifest }) => {
      if (kernel in fieldOf(manifest, 'dependencies')) {
        return `move ${kernel} from "dependencies" to "peerDependencies"`
      }
      return kernel in fieldOf(manifest, 'peerDependencies')
        ? undefined
        : `add ${kernel} to "peerDependencies"`
    },
  },
  {
    what: 'it can be found',
    find: ({ manifest: { keywords } }) =>
      Array.isArray(keywords) && keywords.includes('gatewright-plugin')
        ? undefined
        : 'add "gatewright-plugin" to "keywords"',
  },
  { what: 'it says what it provides, and provides that', find: findMismatch },
  {
    what: 'it says which Node it needs',
    find: ({ manifest }) =>
      'node' in fieldOf(manifest, 'engines') ? undefined : 'add "engines": { "node": ">=24.11" }',
  },
  {
    what: 'it has a licence',
    find: ({ manifest: { license }, folder }) => {
      if (typeof license !== 'string') return 'add "license"'
      return license === 'UNLICENSED' || existsSync(join(folder, 'LICENSE'))
        ? undefined
        : 'add a file LICENSE'
    },
  },
  {
    what: 'it has a README',
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

/** Kinds of two words may be written with a hyphen in a package.json. */
function findMismatch({ manifest, plugin }: PluginPackage): string | undefined {
  if ('problem' in plugin) return undefined
  const { extensions } = plugin
  const provides = fieldOf(manifest, 'gatewright')['provides'] ?? {}
  if (!isRecord(provides)) return '"gatewright.provides" is not an object: { "middleware": ["…"] }'
  const said = Object.entries(provides).flatMap(([kind, types]) =>
    [types].flat().map((type) => `${kind.replaceAll('-', ' ')} ${String(type)}`),
  )
  const real = extensions.map(({ kind, type }) => `${kind} ${type}`)
  const missing = real.filter((one) => !said.includes(one))
  const extra = said.filter((one) => !real.includes(one))
  if (missing.length > 0) {
    const declared = JSON.stringify({ apiVersion: 1, provides: typesByKind(extensions) })
    return `it registers ${missing.join(', ')}, which is not declared; expected "gatewright": ${declared}`
  }
  return extra.length > 0 ? `it declares and does not register ${extra.join(', ')}` : undefined
}

function typesByKind(extensions: LoadedPlugin['extensions']): Record<string, string[]> {
  const types: Record<string, string[]> = {}
  for (const { kind, type } of extensions) (types[kind] ??= []).push(type)
  return types
}

function entryIn({
  exports: exported,
}: Manifest): string | Readonly<Record<string, unknown>> | undefined {
  const entry = isRecord(exported) && '.' in exported ? exported['.'] : exported
  return typeof entry === 'string' || isRecord(entry) ? entry : undefined
}

function fieldOf(manifest: Manifest, field: string): Readonly<Record<string, unknown>> {
  const value = manifest[field]
  return isRecord(value) ? value : {}
}
