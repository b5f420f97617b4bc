import type { HttpEntrypointOptions } from './entrypoint-options.ts'
import { errors } from './errors.ts'

/**
 * What an entrypoint offers to clients with TLS (ALPN, RFC 7301), the best first. Nowhere else is
 * that decided.
 * Throws GW_HTTP_ALPN_UNKNOWN for a protocol in the options that is not spoken.
 */
export function offeredAlpn({ http, tls }: HttpEntrypointOptions): readonly string[] {
  const served = http.h2 ? ['h2', 'http/1.1'] : ['http/1.1']
  const wanted = tls?.alpn ?? served
  for (const [index, protocol] of wanted.entries()) {
    if (served.includes(protocol)) continue
    const known = served.join('", "')
    throw errors.GW_HTTP_ALPN_UNKNOWN({ protocol, known }, { option: ['tls', 'alpn', index] })
  }
  return wanted
}
