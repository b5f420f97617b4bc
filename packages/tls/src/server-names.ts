import type { X509Certificate } from 'node:crypto'

/** Host names for which a certificate is presented; `*.` in front stands for exactly one label. */
export class ServerNames implements Iterable<string> {
  readonly #names: ReadonlySet<string>

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => plainName(name)))
  }

  /** @param host Lower-case, without a dot at its end. */
  has(host: string): boolean {
    return this.#names.has(host) || this.#names.has(wildcardOf(host))
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#names.values()
  }
}

/** The names that a certificate is made out to (RFC 9525); without any, its common name. */
export function namesOf(certificate: X509Certificate): string[] {
  const entries = altNamesOf(certificate)
  const names = entries.flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4)] : []))
  if (names.length > 0) return names
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  return commonName === undefined ? [] : [commonName]
}

/**
 * What a certificate is for, each with its kind in front, such as `DNS:example.com`. Node quotes what
 * could be taken for more than one.
 */
export function altNamesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const entries = subjectAltName.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return entries.map((entry) => {
    const [, kind = '', quoted = ''] = /^ *([^:]*:)(".*")$/s.exec(entry) ?? []
    if (quoted === '') return entry.trimStart()
    const text: unknown = JSON.parse(quoted)
    return kind + String(text)
  })
}

/** `*.example.com` for `api.example.com`. */
export function wildcardOf(host: string): string {
  const dot = host.indexOf('.')
  return dot < 0 ? '' : `*${host.slice(dot)}`
}

function plainName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase()
}
