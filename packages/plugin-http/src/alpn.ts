import type { ConfigPath } from '@gatewright/kernel'
import type { HttpEntrypointOptions } from './entrypoint-options.ts'
import { errors } from './errors.ts'

/** The protocols of HTTP over TLS, the best first. */
export const spokenAlpn: readonly string[] = ['h2', 'http/1.1']

/**
 * What an entrypoint offers to clients with TLS (ALPN, RFC 7301), the best first. Nowhere else is
 * that decided.
 * Throws GW_HTTP_ALPN_UNKNOWN for a protocol in the options that is not spoken.
 */
export function offeredAlpn({ http, tls }: HttpEntrypointOptions): readonly string[] {
  const served = http.h2 ? spokenAlpn : ['http/1.1']
  const wanted = tls?.alpn ?? served
  checkAlpn(['tls', 'alpn'], wanted, served)
  return wanted
}

/**
 * Throws GW_HTTP_ALPN_UNKNOWN for a protocol that is not spoken.
 * @param option Where the protocols stand.
 */
export function checkAlpn(
  option: ConfigPath,
  wanted: readonly string[] | undefined,
  spoken: readonly string[],
): void {
  for (const [index, protocol] of wanted?.entries() ?? []) {
    if (spoken.includes(protocol)) continue
    const known = spoken.join('", "')
    throw errors.GW_HTTP_ALPN_UNKNOWN({ protocol, known }, { option: [...option, index] })
  }
}
