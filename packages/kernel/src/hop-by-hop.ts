/**
 * Which header fields concern one connection only.
 *
 * @module
 */
import type { HeaderList } from './headers.ts'

const connectionFields = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]

/** What a `Connection` field may not remove (RFC 9110 section 7.6.1 leaves it to the recipient). */
const unremovable = new Set([
  'authorization',
  'content-length',
  'forwarded',
  'host',
  'transfer-encoding',
  'x-real-ip',
])

/**
 * Removes the fields that concern one connection only (RFC 9110 section 7.6.1): the known ones and
 * those that `Connection` names. `te: trailers` stays.
 */
export function removeHopByHop(headers: HeaderList): void {
  for (const value of headers.getAll('connection')) {
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase()
      if (name === '' || unremovable.has(name) || name.startsWith('x-forwarded-')) continue
      if (name !== 'te') headers.delete(name)
    }
  }
  for (const name of connectionFields) headers.delete(name)
  if (headers.has('te')) {
    const trailers = headers
      .getAll('te')
      .some((value) => /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value))
    headers.delete('te')
    if (trailers) headers.set('te', 'trailers')
  }
}
