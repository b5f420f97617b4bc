import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `add-prefix` says. */
export interface AddPrefixOptions {
  /** What is put in front of the path. */
  readonly prefix: string
}

/** Checks a block of type `add-prefix`. */
export const schema: OptionsSchema<AddPrefixOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['prefix'],
  properties: {
    prefix: {
      type: 'string',
      pattern: '^/[!$-;=@-Z\\[\\]_a-z~]*[!$-.0-;=@-Z\\[\\]_a-z~]/?$',
      'x-gatewright-expected': 'a path that begins with "/", without a query',
      description: 'What is put in front of the path; a slash at its end counts as none.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A service that lives below /shop',
      hcl: 'middlewares "below-shop" {\n  type   = "add-prefix"\n  prefix = "/shop"\n}\n',
    },
  ],
}
