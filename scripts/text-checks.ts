import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CheckFailed, run } from './command.ts'
import { root } from './workspace.ts'

/** A text that no file of a kind may contain. */
export interface TextRule {
  readonly pattern: RegExp | string
  readonly why: string
}

/** With an address in it, a lockfile installs only where that address can be reached. */
const lockfileRules: readonly TextRule[] = [
  { pattern: /:\/\//, why: 'an address in a lockfile' },
  { pattern: /\btarball:/, why: 'a dependency that is not from a registry' },
]

const publicRegistries = /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|npm\.pkg\.github\.com/

/** Looks through the lockfiles. */
export async function checkLockfiles(): Promise<void> {
  const files = await listFiles()
  report(files.filter((file) => file.endsWith('pnpm-lock.yaml')).flatMap(findIn(lockfileRules)))
}

/** Looks for what belongs to one machine in everything that git tracks. */
export async function checkTexts(): Promise<void> {
  const registry = new URL(await run('npm', ['--loglevel=silent', 'config', 'get', 'registry']))
  const rules = [
    { pattern: publicRegistries, why: 'the name of a package registry' },
    { pattern: registry.host, why: 'the name of a package registry' },
    { pattern: root, why: 'the path of this checkout' },
    { pattern: /\bshared\//, why: 'a folder that is not part of the project' },
  ]
  report((await listFiles()).flatMap(findIn(rules)))
}

async function listFiles(): Promise<string[]> {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  // A file that is removed but not yet committed is still listed.
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))
}

function findIn(rules: readonly TextRule[]): (file: string) => string[] {
  return (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return findForbidden(text, rules).map((problem) => `${file}:${problem}`)
  }
}

/** Returns `LINE: WHY: TEXT` for each place where a rule is broken. */
export function findForbidden(text: string, rules: readonly TextRule[]): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => isIn(line, pattern))
        .map(({ why }) => `${index + 1}: ${why}: ${line.trim()}`),
    )
}

function isIn(line: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)
}

function report(problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new CheckFailed(
    `found ${problems.length} of what may not be there`,
    `${problems.join('\n')}\n`,
  )
}
