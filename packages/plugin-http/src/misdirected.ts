import type { PresentedCertificate } from '@gatewright/tls'

/** What was agreed upon when the connection was encrypted. */
export interface NamedServer {
  /** What the client asked for (SNI). */
  readonly serverName: string | undefined
  readonly certificate: Pick<PresentedCertificate, 'covers'>
}

/**
 * True if the client may not ask this host over the connection, since the certificate that it has
 * seen is for others (RFC 9110 section 15.5.20). Clients that named no server have not said whom
 * they trust.
 * @param authority Lower-case, with its port if it has one.
 */
export function isMisdirected(
  { serverName, certificate }: NamedServer,
  authority: string,
): boolean {
  if (serverName === undefined || authority === serverName || authority === '') return false
  const host = hostOf(authority)
  return host !== serverName && !certificate.covers(host)
}

function hostOf(authority: string): string {
  const end = authority.startsWith('[') ? authority.indexOf(']') : authority.lastIndexOf(':')
  if (authority.startsWith('[')) return authority.slice(1, end)
  return (end < 0 ? authority : authority.slice(0, end)).replace(/\.$/, '')
}
