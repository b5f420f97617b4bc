import type { PresentedCertificate } from './presented-certificate.ts'
import { wildcardOf } from './server-names.ts'

/** Which certificate goes with which server name. Never changed; another one takes its place. */
export class CertificateChoice {
  /** In the order of the configuration. */
  readonly all: readonly PresentedCertificate[]
  readonly #byName = new Map<string, PresentedCertificate>()

  constructor(all: readonly PresentedCertificate[]) {
    this.all = all
    for (const certificate of all) {
      for (const name of certificate.names) {
        if (!this.#byName.has(name)) this.#byName.set(name, certificate)
      }
    }
  }

  /** For the exact name, or for all names of its domain. */
  named(serverName: string): PresentedCertificate | undefined {
    return this.#byName.get(serverName) ?? this.#byName.get(wildcardOf(serverName))
  }

  /** For clients that name no server, or one that nobody knows. */
  get fallback(): PresentedCertificate | undefined {
    return this.all[0]
  }
}
