/** Redis itself takes no larger number of a database. */
const maxDatabase = 2_147_483_647

const unixParts = /^unix:\/\/(?:([^/?#]*)@)?([^?#]*)(?:\?([^#]*))?/

/**
 * What the library would not make a client of, or Redis no connection, in words that show nothing of
 * the URL; `undefined` if it is fine.
 */
export function problemWithRedisUrl(url: string): string | undefined {
  return url.startsWith('unix:') ? problemWithUnix(url) : problemWithTcp(url)
}

function problemWithTcp(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'it is no URL, or its port is none'
  if (url.hostname === '') return 'there is no host in it'
  if (![url.username, url.password].every(isEncoded)) return notEncoded('user and password')
  if (url.pathname.length > 1 && !isDatabase(url.pathname.slice(1))) {
    return 'behind the host there may only be the number of a database'
  }
  return undefined
}

/** The library reads these by itself, since they are no URLs with a user or a password. */
function problemWithUnix(text: string): string | undefined {
  const [, login = '', path = '', query = ''] = unixParts.exec(text) ?? []
  if (path.length < 2 || !path.startsWith('/')) return 'the path of the socket must be absolute'
  if (login.includes('@') || login.split(':').length > 2) return notEncoded('user and password')
  if (![login, path].every(isEncoded)) return notEncoded('user, password and path')
  const database = new URLSearchParams(query).get('db')
  return database === null || isDatabase(database) ? undefined : '"db" must be a number'
}

function notEncoded(what: string): string {
  return `${what} must be percent-encoded, "%" itself as "%25"`
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    // A percent sign that begins nothing.
    return false
  }
}

function isDatabase(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= maxDatabase
}
