/**
 * How long writers get that seem to be half done.
 *
 * @module
 */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Only as long do writers get for files that are missing, empty or not understood. */
export const graceMs = 2000

/** How often a file is looked at that somebody writes. */
const stepMs = 20

/** The time that all writers have together while the files of a folder are loaded. */
export class Grace {
  readonly #until = performance.now() + graceMs

  /** Waits a little; false if whoever left these files like this had enough time. */
  async waitForAny(paths: readonly string[]): Promise<boolean> {
    const left = await Promise.all(paths.map((path) => leftFor(path)))
    const leftMs = Math.min(this.#until - performance.now(), Math.max(0, ...left))
    if (leftMs <= 0) return false
    await sleep(Math.min(stepMs, leftMs))
    return true
  }
}

/**
 * What is left of the time since a file was written or removed: whoever watches it may have waited
 * already. Clocks of other machines make it neither longer than all of it nor negative.
 */
export async function leftFor(path: string): Promise<number> {
  const ageMs = Date.now() - (await changedAt(path))
  return Math.min(graceMs, Math.max(0, graceMs - ageMs))
}

/** If a file is gone, its folder tells when. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    const folder = dirname(path)
    return folder === path ? 0 : await changedAt(folder)
  }
}
