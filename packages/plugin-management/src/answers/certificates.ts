import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { problemOf, type RunningGateway } from '@gatewright/kernel'
import type { TlsOptions } from '@gatewright/tls'

/** A certificate that a listener presents. */
export interface CertificateAnswer {
  /** The entrypoint, or the section that listens. */
  readonly listener: string
  readonly source: string
  /** Host names and addresses it is made out to. */
  readonly domains: readonly string[]
  readonly subject: string
  readonly issuer: string
  readonly serial_number: string
  readonly not_before: string
  readonly not_after: string
}

/** A file of which nothing can be told at the moment; what it had before is presented still. */
export interface UnreadableCertificate {
  readonly listener: string
  readonly source: string
  readonly problem: string
}

/** The certificates in the files of all listeners, as they are now. Never their keys. */
export async function certificatesOf({
  understood,
}: RunningGateway): Promise<(CertificateAnswer | UnreadableCertificate)[]> {
  const { entrypoints, listeners } = understood.blueprint
  const sources = [...entrypoints, ...listeners].flatMap(({ name, folder, options }) =>
    filesOf(options).map((file) => ({ listener: name, source: resolve(folder, file) })),
  )
  return await Promise.all(sources.map(({ listener, source }) => certificateIn(listener, source)))
}

function filesOf(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || !('tls' in options)) return []
  // Every protocol that has the key has this block.
  const tls = options.tls as TlsOptions | undefined
  if (tls === undefined) return []
  const { cert_file: first, certificates } = tls
  return [...(first === undefined ? [] : [first]), ...certificates.map((more) => more.cert_file)]
}

async function certificateIn(
  listener: string,
  source: string,
): Promise<CertificateAnswer | UnreadableCertificate> {
  try {
    // Of several, the first one is that of the server.
    const certificate = new X509Certificate(await readFile(source))
    return {
      listener,
      source,
      domains: domainsOf(certificate),
      subject: certificate.subject,
      issuer: certificate.issuer,
      serial_number: certificate.serialNumber,
      not_before: certificate.validFromDate.toISOString(),
      not_after: certificate.validToDate.toISOString(),
    }
  } catch (error) {
    return { listener, source, problem: problemOf(error) }
  }
}

function domainsOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName
    .split(', ')
    .flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? [])
}
