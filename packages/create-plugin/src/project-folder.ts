import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CreationRefused } from './creation-refused.ts'
import type { ProjectFile } from './project-files.ts'

/** Throws CreationRefused, with what is there, unless the folder is missing or empty. */
export async function checkEmpty(folder: string): Promise<void> {
  const present = await stat(folder).catch(() => undefined)
  if (present === undefined) return
  if (!present.isDirectory()) throw new CreationRefused(`${folder} is there and is no folder`)
  const files = (await readdir(folder)).toSorted()
  if (files.length > 0) throw new CreationRefused(`${folder} is not empty`, { files })
}

/** Writes the files, none of which is there. */
export async function writeFiles(folder: string, files: readonly ProjectFile[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { path, text } of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  }
}

/**
 * Makes a repository whose branch is the one of the CI workflow, unless the folder is in one or there
 * is no git. True if there is a new one.
 */
export async function initRepository(folder: string): Promise<boolean> {
  const inside = await runQuietly('git', ['rev-parse', '--is-inside-work-tree'], folder)
  if (inside || !(await runQuietly('git', ['init', '--quiet'], folder))) return false
  // An older git has no option for that.
  return await runQuietly('git', ['symbolic-ref', 'HEAD', 'refs/heads/main'], folder)
}

/**
 * Installs the dependencies.
 * @param output `stderr` if standard output is for programs.
 * @returns Whether that went well.
 */
export function install(
  packageManager: string,
  folder: string,
  output: 'inherit' | 'stderr',
): Promise<boolean> {
  return run(packageManager, ['install'], folder, ['ignore', output === 'stderr' ? 2 : 1, 2])
}

function runQuietly(command: string, args: readonly string[], cwd: string): Promise<boolean> {
  return run(command, args, cwd, 'ignore')
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  stdio: 'ignore' | ('ignore' | number)[],
): Promise<boolean> {
  const child = spawn(command, args, { cwd, stdio, shell: process.platform === 'win32' })
  try {
    const [code] = await once(child, 'close')
    return code === 0
  } catch {
    // The program is not there.
    return false
  }
}
