import { setTimeout as delay } from 'node:timers/promises'

/** How often memory is looked at while it settles. */
const everyMs = 100
/** Memory that has not moved for so many looks has settled; a collection may come a second later. */
const looks = 25
/** Memory that does not settle is taken as it is then. */
const maxLooks = 80
/** What does not count as a move. */
const toleranceBytes = 512 * 1024

/** Waits until memory has settled and returns it. @param read Returns its size now, in bytes. */
export async function settle(read: () => number): Promise<number> {
  const seen: number[] = []
  while (seen.length < maxLooks && !isSteady(seen)) {
    await delay(everyMs)
    seen.push(read())
  }
  return seen.at(-1) ?? read()
}

/** True if the last looks differ by nothing that counts. */
export function isSteady(seen: readonly number[]): boolean {
  const last = seen.slice(-looks)
  return last.length === looks && Math.max(...last) - Math.min(...last) <= toleranceBytes
}
