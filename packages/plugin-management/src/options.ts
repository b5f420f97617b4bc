import type { OptionsSchema } from '@gatewright/kernel'
import { type TlsOptions, tlsSchema } from '@gatewright/tls'

/** The keys of the `management` block. */
export interface ManagementOptions {
  /** False is as if the block were not there. */
  enabled: boolean
  /** Where it listens. */
  address: string
  /** What the paths of all answers begin with, but those of the probes. */
  path_prefix: string
  /** What those must show who read. */
  token?: string
  /** What those must show who change something; it opens everything. */
  admin_token?: string
  /** Who may connect. */
  allowed_ips: string[]
  /** Names by which clients may call it in `Host`, besides addresses and `localhost`. */
  hosts: string[]
  /** Without it, clients speak cleartext. */
  tls?: TlsOptions
}

/** Checks a `management` block. */
export const schema: OptionsSchema<ManagementOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    enabled: {
      type: 'boolean',
      default: true,
      description: '`false` is as if the block were not there.',
    },
    address: {
      type: 'string',
      default: '127.0.0.1:9090',
      description:
        'Where it listens. Anything but a loopback address needs a token or certificates of clients.',
    },
    path_prefix: {
      type: 'string',
      pattern: '^(?:/[\\w\\-.~]+)+$',
      'x-gatewright-expected': 'a path such as "/api/gateway"',
      default: '/api/gateway',
      description: 'What the paths of all answers begin with, but those of the probes.',
    },
    token: {
      type: 'string',
      minLength: 16,
      'x-gatewright-secret': true,
      description:
        'What those must show who read: `Authorization: Bearer …`. At least 16 characters.',
    },
    admin_token: {
      type: 'string',
      minLength: 16,
      'x-gatewright-secret': true,
      description:
        'What those must show who change something; it opens the rest as well. At least 16 characters. Without it, `token` alone changes nothing.',
    },
    allowed_ips: {
      type: 'array',
      items: { type: 'string' },
      default: ['127.0.0.1', '::1'],
      description: 'Addresses and networks (`10.0.0.0/8`) of those who may ask.',
    },
    hosts: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      description:
        'Names that may stand in `Host`, without port; addresses and `localhost` always may. Protects against pages that have their own name lead here.',
    },
    tls: tlsSchema,
  },
  'x-gatewright-examples': [
    {
      title: 'For this machine alone',
      hcl: `management {}
`,
    },
    {
      title: 'For a monitoring network, with tokens and TLS',
      hcl: `management {
  address     = "0.0.0.0:9090"
  token       = "\${GATEWAY_READ_TOKEN}"
  admin_token = "\${GATEWAY_ADMIN_TOKEN}"
  allowed_ips = ["127.0.0.1", "10.20.0.0/16"]
  hosts       = ["gateway-1.internal.example"]

  tls {
    cert_file = "/etc/gatewright/management.pem"
    key_file  = "/etc/gatewright/management.key"
  }
}
`,
    },
  ],
}
