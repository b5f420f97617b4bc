import type { Head } from '../head/head.ts'
import { Kind } from '../syntax/kinds.ts'

/** Knows the protocols that clients may switch to. */
export interface UpgradeHost {
  /** Whether somebody knows the protocol of an Upgrade token, in lower case. */
  knowsUpgrade(token: string): boolean
}

/**
 * The first protocol of a request's Upgrade fields that somebody knows, in lower case (RFC 9110
 * section 7.8). For heads with `upgrade` only.
 */
export function upgradeToken(head: Head, upgrades: UpgradeHost): string | undefined {
  for (let line = 0; line < head.count; line++) {
    if (head.kind(line) !== Kind.upgrade) continue
    for (const text of head.value(line).split(',')) {
      const token = text.trim().toLowerCase()
      if (upgrades.knowsUpgrade(token)) return token
    }
  }
  return undefined
}
