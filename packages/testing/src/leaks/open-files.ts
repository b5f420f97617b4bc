import { readdirSync, readlinkSync } from 'node:fs'

/** The files that the process has open, each with its descriptor; none where nobody tells. */
export function openFiles(): ReadonlySet<string> {
  return new Set(descriptors().flatMap((descriptor) => fileBehind(descriptor)))
}

function descriptors(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd')
  } catch {
    // Only Linux has it.
    return []
  }
}

function fileBehind(descriptor: string): string[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${descriptor}`)
    return /^\/(?!dev\/|proc\/)/.test(target) ? [`${target} (descriptor ${descriptor})`] : []
  } catch {
    // It was closed meanwhile, such as the one that lists them.
    return []
  }
}
