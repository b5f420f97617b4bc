import type { OptionsSchema } from '@gatewright/kernel'

/** The keys of the `debug` block. */
export interface DebugOptions {
  /** Addresses and networks of those who may ask. */
  allow: string[]
}

/** Checks a `debug` block. */
export const debugSchema: OptionsSchema<DebugOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['allow'],
  properties: {
    allow: {
      type: 'array',
      items: { type: 'string', format: 'cidr' },
      minItems: 1,
      description: 'Addresses and networks of clients that may ask for timelines.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Timelines for this host and a network',
      hcl: 'debug {\n  allow = ["127.0.0.1", "10.8.0.0/16"]\n}\n',
    },
  ],
}
