import type { PropertySchema } from '@gatewright/kernel'

/** Which peers may say on whose behalf they come. */
export interface ForwardedHeadersOptions {
  /** Addresses and networks of proxies whose `X-Forwarded-*` fields are believed. */
  trusted_ips: string[]
  /** Believe every peer. */
  insecure: boolean
}

/** Checks the block `forwarded_headers`. */
export const forwardedHeadersSchema: PropertySchema<ForwardedHeadersOptions> = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'Which peers may say on whose behalf they come.',
  properties: {
    trusted_ips: {
      type: 'array',
      items: { type: 'string', format: 'cidr' },
      default: [],
      description: 'Addresses and networks of proxies whose `X-Forwarded-*` fields are believed.',
    },
    insecure: { type: 'boolean', default: false, description: 'Believe every peer.' },
  },
}
