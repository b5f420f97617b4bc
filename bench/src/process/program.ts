import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runToEnd } from './child.ts'

/** Debian keeps servers where ordinary users do not look. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Where a program lies; `undefined` if it is not installed. */
export function tryFindProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** The first version number in what a program prints when asked; some print it on stderr. */
export async function readProgramVersion(file: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await runToEnd({ file, args }, 10_000)
  return /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown'
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
