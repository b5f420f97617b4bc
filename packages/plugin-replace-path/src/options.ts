import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `replace-path` says. */
export interface ReplacePathOptions {
  /** What the service is asked for. */
  readonly path: string
  /** Tells the upstream which path the client asked for; empty, the default, tells nothing. */
  readonly original_header: string
}

/** Checks a block of type `replace-path`. */
export const schema: OptionsSchema<ReplacePathOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: {
      type: 'string',
      pattern: '^/[!$-;=@-Z\\[\\]_a-z~]*$',
      'x-gatewright-expected': 'a path that begins with "/", without a query',
      description: 'Path that the service is asked for; the query stays.',
    },
    original_header: {
      type: 'string',
      pattern: "^[!#$%&'*+\\-.\\^_`\\|~0-9A-Za-z]*$",
      'x-gatewright-expected': 'a header field name or nothing',
      default: '',
      description:
        'Tells the upstream which path the client asked for, as `X-Replaced-Path` does; empty tells nothing.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'One page for everything, such as a notice',
      hcl: 'middlewares "notice" {\n  type = "replace-path"\n  path = "/maintenance.html"\n}\n',
    },
  ],
}
