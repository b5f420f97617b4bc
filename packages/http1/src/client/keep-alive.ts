import type { Head } from '../head/head.ts'
import { Kind } from '../syntax/kinds.ts'

/** A request that is sent when the upstream gives up waiting would be lost. */
const marginMs = 1000

/**
 * How long a connection may wait for its next request, in milliseconds: less than what the upstream
 * says in `Keep-Alive: timeout=…`, if it says anything.
 * @param defaultMs Bound in any case.
 */
export function idleMsAfter(head: Head, defaultMs: number): number {
  if (!head.has(Kind.keepAlive)) return defaultMs
  for (let line = 0; line < head.count; line++) {
    if (head.kind(line) !== Kind.keepAlive) continue
    const seconds = /(?:^|[\s,;])timeout\s*=\s*"?(\d{1,9})/i.exec(head.value(line))?.[1]
    if (seconds === undefined) continue
    return Math.min(defaultMs, Math.max(0, Number(seconds) * 1000 - marginMs))
  }
  return defaultMs
}
