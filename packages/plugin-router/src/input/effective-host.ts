const dot = 0x2e
const openBracket = 0x5b

/**
 * The host of an authority without its port and without one trailing dot. Brackets of an IPv6
 * address stay. Allocates only if there is something to remove.
 */
export function effectiveHost(authority: string): string {
  const colon = portColon(authority)
  let end = colon < 0 ? authority.length : colon
  if (authority.charCodeAt(end - 1) === dot) end--
  return end === authority.length ? authority : authority.slice(0, end)
}

/**
 * The port of an authority, or that of the scheme if it names none (RFC 9110 section 4.2).
 * `NaN` if it is no number.
 */
export function effectivePort(authority: string, encrypted: boolean): number {
  const colon = portColon(authority)
  const implied = encrypted ? 443 : 80
  if (colon < 0 || colon === authority.length - 1) return implied
  let port = 0
  for (let i = colon + 1; i < authority.length; i++) {
    const digit = authority.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    port = port * 10 + digit
  }
  return port
}

/** Where the colon before the port stands; negative if there is none. */
function portColon(authority: string): number {
  if (authority.charCodeAt(0) !== openBracket) return authority.indexOf(':')
  return authority.indexOf(':', Math.max(authority.indexOf(']'), 0))
}
