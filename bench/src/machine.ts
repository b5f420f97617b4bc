import { cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runToEnd } from './process/child.ts'
import type { Machine } from './report/result.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The machine that this runs on. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
  }
}

/** Commit of the sources, with `-changed` if they are not what it holds. */
export async function readRevision(): Promise<string> {
  try {
    const args = [
      '-C',
      root,
      'describe',
      '--always',
      '--abbrev=10',
      '--dirty=-changed',
      '--exclude=*',
    ]
    const { code, stdout } = await runToEnd({ file: 'git', args }, 10_000)
    return code === 0 ? stdout.trim() : 'unknown'
  } catch {
    // There is no git; the sources may have come as an archive.
    return 'unknown'
  }
}
