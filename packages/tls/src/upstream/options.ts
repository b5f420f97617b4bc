import type { PropertySchema } from '@gatewright/kernel'

/** The block `upstream_tls` of a `load_balancer`. */
export interface UpstreamTlsOptions {
  /** PEM files with the authorities that sign certificates of servers; without it those of the system. */
  ca_files?: string[]
  /** What certificates must be made out to; without it the host of the server's URL. */
  server_name?: string
  /** Take any certificate. */
  insecure_skip_verify: boolean
  /** PEM file with the certificate that is shown to servers. */
  cert_file?: string
  /** PEM file with its private key. */
  key_file?: string
  /** The oldest version that is spoken. */
  min_version: '1.2' | '1.3'
  /** Protocols that are offered, the best first; without it what the scheme of the server stands for. */
  alpn?: string[]
}

/** What holds for servers without the block. */
export const defaultUpstreamTls: UpstreamTlsOptions = {
  insecure_skip_verify: false,
  min_version: '1.2',
}

const properties = {
  ca_files: {
    type: 'array',
    minItems: 1,
    items: { type: 'string', minLength: 1 },
    description:
      'PEM files with the authorities that sign the certificates of servers, or with these certificates themselves; default: the authorities that the system trusts.',
  },
  server_name: {
    type: 'string',
    minLength: 1,
    maxLength: 253,
    description:
      'Which name or address certificates must be made out to, and is asked for (SNI); default: the host in the URL of the server.',
  },
  insecure_skip_verify: {
    type: 'boolean',
    default: false,
    description: 'Take any certificate, so that anybody can pose as a server. For tests only.',
  },
  cert_file: {
    type: 'string',
    minLength: 1,
    description:
      'PEM file with the certificate that is shown to servers that ask for one, then those that signed it.',
  },
  key_file: { type: 'string', minLength: 1, description: 'PEM file with its private key.' },
  min_version: {
    type: 'string',
    enum: ['1.2', '1.3'],
    default: '1.2',
    description: 'The oldest version of TLS that is spoken.',
  },
} as const

/** Checks the block `upstream_tls` where there is one server, and one protocol to speak with it. */
export const clientTlsSchema: PropertySchema<Omit<UpstreamTlsOptions, 'alpn'> | undefined> = {
  type: 'object',
  additionalProperties: false,
  description:
    'How a server that speaks TLS is recognised, and what it is shown. Files are read again when they change.',
  properties,
}

/** Checks the block `upstream_tls` of a `load_balancer`. */
export const upstreamTlsSchema: PropertySchema<UpstreamTlsOptions | undefined> = {
  type: 'object',
  additionalProperties: false,
  description:
    'How servers that speak TLS are recognised, and what they are shown. Files are read again when they change.',
  properties: {
    ...properties,
    alpn: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1, maxLength: 255 },
      description:
        'Protocols that are offered (ALPN), the best first; default: what the scheme of the server stands for, `["h2", "http/1.1"]` for `https`.',
    },
  },
}
