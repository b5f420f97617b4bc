import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

interface FileParams {
  readonly path: string
  readonly problem: string
}

const catalogue = {
  GW_TLS_FILE_UNREADABLE: {
    status: 500,
    source: 'config',
    message: ({ path, problem }: FileParams) => `cannot read "${path}": ${problem}`,
    hint: 'a relative path begins at the folder of the configuration file; the user that runs Gatewright must be able to read the file',
  },
  GW_TLS_CERTIFICATE_MISSING: {
    status: 500,
    source: 'config',
    message: () => 'expected "cert_file" and "key_file", or "certificates", found neither',
    hint: 'TLS needs a certificate; without the block "tls" the entrypoint speaks cleartext',
  },
  GW_TLS_PAIR_INCOMPLETE: {
    status: 500,
    source: 'config',
    message: (p: { found: string; missing: string }) =>
      `expected "${p.missing}" beside "${p.found}", found none`,
    hint: 'certificate and key may stand in one file: name it twice then',
  },
  GW_TLS_CERTIFICATE_INVALID: {
    status: 500,
    source: 'config',
    message: ({ path, problem }: FileParams) => `no usable certificate in "${path}": ${problem}`,
    hint: 'expected PEM text, "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----", the certificate of the server first',
  },
  GW_TLS_KEY_INVALID: {
    status: 500,
    source: 'config',
    message: ({ path, problem }: FileParams) => `no usable private key in "${path}": ${problem}`,
    hint: 'expected PEM text, "-----BEGIN PRIVATE KEY-----" to "-----END PRIVATE KEY-----", without a passphrase',
  },
  GW_TLS_KEY_MISMATCH: {
    status: 500,
    source: 'config',
    message: (p: { cert: string; key: string }) =>
      `the key in "${p.key}" does not belong to the first certificate in "${p.cert}"`,
    hint: 'name the key that the certificate was requested with; in the file of certificates, that of the server comes before those that signed it',
  },
  GW_TLS_AUTHORITIES_MISSING: {
    status: 500,
    source: 'config',
    message: (p: { mode: string }) =>
      `expected "ca_files" for client_auth with mode "${p.mode}", found none`,
    hint: 'name the files with the authorities whose certificates clients may show',
  },
  GW_TLS_CIPHER_UNKNOWN: {
    status: 500,
    source: 'config',
    message: (p: { name: string; nearest: string }) =>
      `unknown cipher suite "${p.name}"; did you mean "${p.nearest}"?`,
    hint: '"openssl ciphers -v" lists the names',
  },
  GW_TLS_SERVER_NAME: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) => `expected a host name or an address, found "${p.name}"`,
    hint: 'write one name that the certificates are for, such as "shop.internal", "10.0.0.7" or "::1", without a port',
  },
  GW_TLS_UNUSABLE: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => `TLS is not possible with these options: ${p.problem}`,
  },
} as const satisfies Record<`GW_${string}`, ErrorKind<never>>

/** What is wrong with a block `tls`, or with the files that it names. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
