import type { Figure } from '@gatewright/kernel'

/** What has become of messages. */
export interface Count {
  passed: number
  refused: number
}

/** By middleware; their names come from the configuration, so there cannot be too many. */
const counts = new Map<string, Count>()

/** Goes on over reloads, as counters do. */
export function countOf(middleware: string): Count {
  const known = counts.get(middleware)
  if (known !== undefined) return known
  const count = { passed: 0, refused: 0 }
  counts.set(middleware, count)
  return count
}

/** Shown as `gateway_ws_rate_messages_total`. */
export const messagesFigure: Figure = {
  type: 'ws_rate_messages_total',
  kind: 'counter',
  help: 'Messages of WebSocket clients, and what has become of them',
  labels: ['middleware', 'outcome'],
  read: () =>
    [...counts].flatMap(([name, { passed, refused }]) => [
      { labels: [name, 'passed'], value: passed },
      { labels: [name, 'refused'], value: refused },
    ]),
}
