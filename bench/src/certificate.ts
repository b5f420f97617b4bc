import { join } from 'node:path'
import { tryFindProgram } from './process/program.ts'
import type { Workbench } from './process/workbench.ts'

/** PEM files for TLS. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate for one run; throws if openssl is not there. */
export async function createCertificate(workbench: Workbench): Promise<Certificate> {
  const file = tryFindProgram('openssl')
  if (file === undefined) throw new Error('openssl is not installed')
  const certificate = join(workbench.folder, 'certificate.pem')
  const key = join(workbench.folder, 'key.pem')
  const { code, stderr } = await workbench.run(
    {
      file,
      args: [
        ...['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=app-117.example.com'],
        ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-addext', 'subjectAltName=DNS:*.example.com,IP:127.0.0.1'],
        ...['-out', certificate, '-keyout', key],
      ],
    },
    10_000,
  )
  if (code !== 0) throw new Error(`openssl failed: ${stderr.trim()}`)
  return { certificate, key }
}
