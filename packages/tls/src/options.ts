import type { PropertySchema } from '@gatewright/kernel'

/** A certificate with its key. */
export interface CertificateOptions {
  /** PEM file: the certificate, then those that signed it. */
  cert_file: string
  /** PEM file with its private key. */
  key_file: string
  /** Server names it is presented for. Default: those that it is made out to. */
  domains?: string[]
}

/** Whether clients show certificates. */
export interface ClientAuthOptions {
  /** PEM files with the authorities that sign certificates of clients. */
  ca_files: string[]
  /** `request` lets clients without one in; nobody gets in with one that is not valid. */
  mode: 'none' | 'request' | 'require'
  /** Send the upstream the whole certificate, too. */
  forward_pem: boolean
}

/** The block `tls` of an entrypoint. */
export interface TlsOptions {
  /** PEM file: the certificate, then those that signed it. */
  cert_file?: string
  /** PEM file with its private key. */
  key_file?: string
  /** Further certificates, by server name. */
  certificates: CertificateOptions[]
  /** The oldest version that is spoken. */
  min_version: '1.2' | '1.3'
  /** Names of cipher suites, the best first. Default: those of Node, which all are authenticated. */
  cipher_suites?: string[]
  /** Protocols that may follow, the best first. */
  alpn?: string[]
  /** Refuse clients that ask for a name for which there is no certificate, or for none. */
  strict_sni: boolean
  /** How long a client may take for the handshake. */
  handshake_timeout: number
  /** Handshakes at once; further connections are closed. */
  max_handshakes: number
  /** Without it, clients are not asked for certificates. */
  client_auth?: ClientAuthOptions
}

/** Checks the block `tls` of an entrypoint. */
export const tlsSchema: PropertySchema<TlsOptions> = {
  type: 'object',
  additionalProperties: false,
  description: 'Encrypts what clients send and get. Without it, the port speaks cleartext.',
  properties: {
    cert_file: {
      type: 'string',
      minLength: 1,
      description:
        'PEM file: the certificate, then those that signed it. The first one is for clients that name no server, or an unknown one.',
    },
    key_file: { type: 'string', minLength: 1, description: 'PEM file with its private key.' },
    certificates: {
      type: 'array',
      default: [],
      description: 'Further certificates, by server name.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['cert_file', 'key_file'],
        properties: {
          cert_file: {
            type: 'string',
            minLength: 1,
            description: 'PEM file: the certificate, then those that signed it.',
          },
          key_file: { type: 'string', minLength: 1, description: 'PEM file with its private key.' },
          domains: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'string',
              pattern: '^(?:\\*\\.)?[\\w\\-]+(?:\\.[\\w\\-]+)*\\.?$',
              'x-gatewright-expected': 'a host name, maybe with "*." in front',
            },
            description:
              'Server names it is presented for, `*.` in front for one label; default: those that it is made out to.',
          },
        },
      },
    },
    min_version: {
      type: 'string',
      enum: ['1.2', '1.3'],
      default: '1.2',
      description: 'The oldest version that is spoken.',
    },
    cipher_suites: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description:
        "OpenSSL's names of cipher suites, the best first; default: those of Node, without the ones that are not authenticated (AEAD).",
    },
    alpn: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 255 },
      description:
        'Protocols that may follow (ALPN), the best first; default: what the entrypoint speaks.',
    },
    strict_sni: {
      type: 'boolean',
      default: false,
      description:
        'Refuse clients that ask for a server name for which there is no certificate, or name none; else they get the first certificate.',
    },
    handshake_timeout: {
      duration: true,
      default: '10s',
      description: 'How long a client may take for the handshake.',
    },
    max_handshakes: {
      type: 'integer',
      minimum: 1,
      default: 4096,
      description: 'Handshakes at once; further connections are closed.',
    },
    client_auth: {
      type: 'object',
      additionalProperties: false,
      required: ['mode'],
      description: 'Whether clients show certificates.',
      properties: {
        ca_files: {
          type: 'array',
          default: [],
          items: { type: 'string', minLength: 1 },
          description: 'PEM files with the authorities that sign certificates of clients.',
        },
        mode: {
          type: 'string',
          enum: ['none', 'request', 'require'],
          description:
            '`require` a certificate, `request` one and let clients without one in, or ask for `none`. Nobody gets in with one that is not valid.',
        },
        forward_pem: {
          type: 'boolean',
          default: false,
          description:
            'Send the upstream the whole certificate, too, as `Cert` in `X-Forwarded-Client-Cert`.',
        },
      },
    },
  },
}
