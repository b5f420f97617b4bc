import { readFileSync } from 'node:fs'

/** Resident memory of the given processes in bytes; pages that they share count for each. */
export function readResidentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0)
}

/** `VmRSS` of a `/proc/PID/status` in bytes; 0 if it is not there, as in a zombie's. */
export function parseResidentBytes(status: string): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  return Number(match?.[1] ?? 0) * 1024
}

function residentBytesOf(pid: number): number {
  try {
    return parseResidentBytes(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    // It has ended.
    return 0
  }
}
