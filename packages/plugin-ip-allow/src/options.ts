import type { OptionsSchema } from '@gatewright/kernel'

/** Which address of a request counts. */
export interface IpStrategy {
  /** How many addresses of `X-Forwarded-For` to go back from the peer; 0 is the peer itself. */
  readonly depth?: number
  /** Proxies to pass over, beginning with the peer; the first address that is none of them counts. */
  readonly excluded_ips?: readonly string[]
}

/** What a `middlewares` block of type `ip-allow` says. */
export interface IpAllowOptions {
  /** Who may come in. Without it and the file, everybody who is not denied. */
  readonly allowed_ips?: readonly string[]
  /** Who may not, even if allowed. Default none. */
  readonly denied_ips: readonly string[]
  /** A file with more of those who may come in, one a line; read again when it changes. */
  readonly allowed_ips_file?: string
  /** The same for those who may not. */
  readonly denied_ips_file?: string
  /** Status of the answer to the others. Default 403. */
  readonly reject_status: number
  /** Default: the client's address behind the proxies that the entrypoint trusts. */
  readonly ip_strategy?: IpStrategy
}

const networks = 'addresses, networks such as `10.0.0.0/8` and ranges such as `10.0.0.1-10.0.0.9`'

/** Checks a block of type `ip-allow`. */
export const schema: OptionsSchema<IpAllowOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    allowed_ips: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: `Who may come in: ${networks}. Without it and the file, everybody who is not denied.`,
    },
    denied_ips: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      description: 'Who may not, even if allowed; written in the same way.',
    },
    allowed_ips_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with more of those who may come in, one a line; read again when it changes.',
    },
    denied_ips_file: {
      type: 'string',
      minLength: 1,
      description: 'The same for those who may not.',
    },
    reject_status: {
      type: 'integer',
      minimum: 400,
      maximum: 599,
      default: 403,
      description: 'Status of the answer to the others.',
    },
    ip_strategy: {
      type: 'object',
      additionalProperties: false,
      description:
        "Which address counts. Without the block, the client's, behind the proxies that the entrypoint trusts.",
      properties: {
        depth: {
          type: 'integer',
          minimum: 0,
          description:
            'How many addresses of `X-Forwarded-For` to go back from the peer; 0 is the peer itself.',
        },
        excluded_ips: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          minItems: 1,
          description:
            'Proxies to pass over, beginning with the peer; the first address that is none of them counts.',
        },
      },
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Only from the private network, without the guests',
      hcl: 'middlewares "inside" {\n  type        = "ip-allow"\n  allowed_ips = ["10.0.0.0/8", "fd00::/8"]\n  denied_ips  = ["10.99.0.0/16"]\n}\n',
    },
    {
      title: 'Keep some networks out',
      hcl: 'middlewares "not-them" {\n  type       = "ip-allow"\n  denied_ips = ["203.0.113.0/24", "2001:db8::1-2001:db8::ff"]\n}\n',
    },
  ],
}
