import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tryFindProgram } from './process/program.ts'
import type { Workbench } from './process/workbench.ts'

/** PEM files for TLS. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
  /** Both in one, as HAProxy wants it. */
  readonly bundle: string
}

/** Makes a certificate in a folder; throws if openssl is not there. */
export async function createCertificate(
  workbench: Workbench,
  folder: string,
): Promise<Certificate> {
  const file = tryFindProgram('openssl')
  if (file === undefined) throw new Error('openssl is not installed')
  const certificate = join(folder, 'certificate.pem')
  const key = join(folder, 'key.pem')
  const { code, stderr } = await workbench.run(
    {
      file,
      args: [
        ...['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=example.com'],
        ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-addext', 'subjectAltName=DNS:*.example.com,IP:127.0.0.1'],
        ...['-out', certificate, '-keyout', key],
      ],
    },
    10_000,
  )
  if (code !== 0) throw new Error(`openssl failed: ${stderr.trim()}`)
  const bundle = join(folder, 'bundle.pem')
  const parts = await Promise.all([certificate, key].map((part) => readFile(part, 'utf8')))
  await writeFile(bundle, parts.join(''))
  return { certificate, key, bundle }
}
