import { resolve } from 'node:path'
import { nearest } from '@gatewright/kernel'
import { CreationRefused } from './creation-refused.ts'
import type { CreateFlags } from './flags.ts'
import {
  type Kind,
  kinds,
  type License,
  licenses,
  type PackageManager,
  packageManagers,
  type Style,
  styles,
} from './kinds.ts'
import { checkName, checkScope } from './names.ts'

/** What is to be made. */
export interface Project {
  readonly name: string
  /** `gatewright-plugin-geo-block`, with a scope if there is one. */
  readonly packageName: string
  readonly kind: Kind
  readonly style: Style
  readonly language: 'ts' | 'js'
  /** Absolute path. */
  readonly folder: string
  readonly license: License
  readonly packageManager: PackageManager
}

/** Where the command runs. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Reads the command line. Throws CreationRefused. */
export function readProject(
  name: string | undefined,
  flags: CreateFlags,
  { cwd, env }: Surroundings,
): Project {
  if (name === undefined) {
    throw new CreationRefused('what is the plugin to be called? Its name is the first argument')
  }
  const checked = checkName(name)
  const unscoped = `gatewright-plugin-${checked}`
  const kind = readKind(flags)
  const { style = 'filter' } = flags
  if (flags.style !== undefined && kind !== 'middleware') {
    throw new CreationRefused(`only a middleware has a style; --kind is ${kind}`)
  }
  return {
    name: checked,
    packageName: flags.scope === undefined ? unscoped : `${checkScope(flags.scope)}/${unscoped}`,
    kind,
    style: oneOf('style', style, namesOf(styles)),
    language: flags.js === true ? 'js' : 'ts',
    folder: resolve(cwd, flags.dir ?? unscoped),
    license: oneOf('license', flags.license ?? 'MIT', licenses),
    packageManager: oneOf('pm', flags.pm ?? managerOf(env), packageManagers),
  }
}

/** Name of the folder with the template of a project. */
export function templateOf({ kind, style, language }: Project): string {
  return kind === 'middleware' ? `${kind}-${style}-${language}` : `${kind}-${language}`
}

function readKind({ kind, yes }: CreateFlags): Kind {
  const known = namesOf(kinds)
  if (kind !== undefined) return oneOf('kind', kind, known)
  if (yes === true) return 'middleware'
  throw new CreationRefused(`what kind of plugin is it? --kind ${known.join(' | ')}`)
}

/** `npm create`, `pnpm create` and `yarn create` say who they are. */
function managerOf(env: Surroundings['env']): PackageManager {
  const agent = env['npm_config_user_agent'] ?? ''
  return packageManagers.find((name) => agent.startsWith(`${name}/`)) ?? 'npm'
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === value)
  if (found !== undefined) return found
  const lower = value.toLowerCase()
  const suggestion = known.find((one) => one.toLowerCase() === lower) ?? nearest(lower, known)
  throw new CreationRefused(
    `unknown ${option === 'pm' ? 'package manager' : option} "${value}"; there are ${known.join(', ')}`,
    { suggestion: suggestion && `--${option} ${suggestion}` },
  )
}

function namesOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  // The records above have no other keys than those of their type.
  return Object.keys(record) as K[]
}
