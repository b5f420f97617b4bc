import type { X509Certificate } from 'node:crypto'
import type { ClientCertificate } from '@gatewright/kernel'
import { altNamesOf } from './server-names.ts'

/** A certificate whose chain was verified, as plugins see it. */
export class VerifiedCertificate implements ClientCertificate {
  readonly #certificate: X509Certificate
  #subject: string | undefined = undefined

  constructor(certificate: X509Certificate) {
    this.#certificate = certificate
  }

  get subject(): string {
    this.#subject ??= distinguishedName(this.#certificate.subject)
    return this.#subject
  }

  get issuer(): string {
    return distinguishedName(this.#certificate.issuer)
  }

  get serialNumber(): string {
    return this.#certificate.serialNumber.toLowerCase()
  }

  get fingerprint256(): string {
    return this.#certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  }

  get subjectAltNames(): readonly string[] {
    return altNamesOf(this.#certificate)
  }

  get validFrom(): Date {
    return this.#certificate.validFromDate
  }

  get validTo(): Date {
    return this.#certificate.validToDate
  }

  get der(): Uint8Array {
    return this.#certificate.raw
  }

  get pem(): string {
    return this.#certificate.toString()
  }
}

/**
 * One line (RFC 4514): the most specific part first. OpenSSL has a line for each part, from the
 * other end, in which control characters and backslashes are escaped already.
 */
function distinguishedName(lines: string): string {
  const parts = lines.split('\n').filter((line) => line !== '')
  return parts.toReversed().map(escapePart).join(',')
}

function escapePart(part: string): string {
  const at = part.indexOf('=') + 1
  const value = part
    .slice(at)
    .replace(/[",+;<>]/g, '\\$&')
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ')
  return part.slice(0, at) + value
}
