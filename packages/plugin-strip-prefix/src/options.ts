import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `strip-prefix` says. */
export interface StripPrefixOptions {
  /**
   * Prefixes to remove, of which at most one is. A trailing `/*` stands for exactly one segment,
   * whatever it is. Default none, which changes nothing.
   */
  readonly prefixes: readonly string[]
  /** True removes whole segments only: `/api` is no prefix of `/apiary`. Default false. */
  readonly strict: boolean
  /** Which prefix counts if several match: the first of the list, the default, or the longest. */
  readonly match: 'first' | 'longest'
}

/** Checks a block of type `strip-prefix`. */
export const schema: OptionsSchema<StripPrefixOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    prefixes: {
      type: 'array',
      // A path, in which a star may only be the last segment.
      items: {
        type: 'string',
        pattern: '^/(?:[^*?#]*|(?:[^*?#]*/)?\\*)$',
        'x-gatewright-expected':
          'a path that begins with "/", with a star as its last segment at most',
      },
      default: [],
      description:
        'Prefixes to remove, of which at most one is; a last segment `*` stands for any one segment.',
    },
    strict: {
      type: 'boolean',
      default: false,
      description: 'Remove whole segments only: `/api` is then no prefix of `/apiary`.',
    },
    match: {
      type: 'string',
      enum: ['first', 'longest'],
      default: 'first',
      description: 'Which prefix counts if several match: the first of the list, or the longest.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Remove /api',
      hcl: 'middlewares "without-api" {\n  type     = "strip-prefix"\n  prefixes = ["/api"]\n}\n',
    },
  ],
}
