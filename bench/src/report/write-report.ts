import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunResult } from './result.ts'

const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Writes the result and the page that shows it; returns the files. */
export async function writeReport(
  result: RunResult,
  output: string | undefined,
): Promise<readonly string[]> {
  const folder = output ?? join(root, 'bench/results')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${result.date.slice(0, 16).replace(':', '')}.json`)
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`)
  return [file]
}
