import type { ClientCertificate } from '@gatewright/kernel'

/** Names of one certificate that are told; more would not fit into what upstreams read. */
const maxNames = 32

/**
 * The value of `X-Forwarded-Client-Cert`, in the form of Envoy:
 * `Hash=<SHA-256>;Subject="CN=alice";URI=spiffe://…;DNS=alice.example`.
 * @param whole Add `Cert="<PEM, percent-encoded>"`.
 */
export function clientCertField(certificate: ClientCertificate, whole: boolean): string {
  const { fingerprint256, subject, subjectAltNames } = certificate
  const parts = [`Hash=${fingerprint256}`, `Subject="${ascii(subject)}"`]
  for (const name of subjectAltNames.slice(0, maxNames)) {
    const colon = name.indexOf(':')
    const kind = name.slice(0, colon)
    if (kind === 'URI' || kind === 'DNS') parts.push(`${kind}=${quoted(name.slice(colon + 1))}`)
  }
  if (whole) parts.push(`Cert="${encodeURIComponent(certificate.pem)}"`)
  return parts.join(';')
}

/** Quoted if it could be read as more than one part. */
function quoted(value: string): string {
  const text = ascii(value)
  return /[",;=\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
}

/** What may not stand in a field, as bytes in hexadecimal digits (RFC 4514 section 2.4). */
function ascii(text: string): string {
  return text.replace(/[^ -~]+/gu, (run) =>
    [...Buffer.from(run)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}
