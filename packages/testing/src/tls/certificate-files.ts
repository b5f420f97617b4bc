import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestCertificate } from './test-certificate.ts'

/** A folder with certificates, removed at the end. */
export interface CertificateFiles extends AsyncDisposable {
  readonly folder: string
  /** Writes `<name>.crt` and `<name>.key`, or what is given of the two; each takes the place of what was there at once. */
  readonly write: (name: string, certificate: Partial<TestCertificate>) => Promise<void>
}

/**
 * Makes a folder for certificates below that for temporary files.
 * @param certificates By name, to begin with.
 */
export async function certificateFiles(
  certificates: Readonly<Record<string, Partial<TestCertificate>>> = {},
): Promise<CertificateFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-tls-'))
  const put = async (name: string, text: string): Promise<void> => {
    const path = join(folder, name)
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }
  const write: CertificateFiles['write'] = async (name, { cert, key }) => {
    if (key !== undefined) await put(`${name}.key`, key)
    if (cert !== undefined) await put(`${name}.crt`, cert)
  }
  for (const [name, certificate] of Object.entries(certificates)) await write(name, certificate)
  return {
    folder,
    write,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
