/** What stands in the place of what is not shown. */
const hidden = '[redacted]'

const url = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*@)?([^?#@]*)(\?[^@]*)?$/i

/**
 * A URL with its user and password, and its query, hidden: `redis://[redacted]@host:6379/0`. Text in
 * which it is not clear what they are is hidden as a whole; text that can have none stays.
 */
export function withoutUrlSecrets(text: string): string {
  if (!/[@?]/.test(text)) return text
  const parts = url.exec(text)
  if (parts === null) return hidden
  const [, scheme = '', user, place = '', query] = parts
  const shownUser = user === undefined ? '' : `${hidden}@`
  const shownQuery = query === undefined ? '' : `?${hidden}`
  return `${scheme}${shownUser}${place}${shownQuery}`
}
