import type { X509Certificate } from 'node:crypto'
import type { Scope } from '@gatewright/kernel'

/** Says in the log if one of the certificates of a file has expired, or is not valid yet. */
export function warnOfDates(
  log: Scope['log'],
  path: string | undefined,
  certificates: readonly X509Certificate[],
): void {
  const now = new Date()
  for (const { subject, validFromDate: validFrom, validToDate: validTo } of certificates) {
    if (validFrom <= now && now <= validTo) continue
    const fields = { path, subject: subject.replaceAll('\n', ', '), validFrom, validTo }
    log.warn(fields, `certificate ${validTo < now ? 'has expired' : 'is not valid yet'}`)
    return
  }
}
