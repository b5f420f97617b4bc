import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `body-limit` says. */
export interface BodyLimitOptions {
  /** Bytes that the body of a request may have. */
  readonly max_body_bytes: number
  /** Bytes that the header fields of a request may have together. Default no other bound. */
  readonly max_header_bytes?: number
}

/** Checks a block of type `body-limit`. */
export const schema: OptionsSchema<BodyLimitOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['max_body_bytes'],
  properties: {
    max_body_bytes: {
      bytes: true,
      description: 'Bytes that the body of a request may have.',
    },
    max_header_bytes: {
      bytes: true,
      description:
        'Bytes that the header fields of a request may have together, each with 4 for what stands around name and value.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Uploads of up to 10 MiB',
      hcl: 'middlewares "small" {\n  type           = "body-limit"\n  max_body_bytes = "10MiB"\n}\n',
    },
  ],
}
