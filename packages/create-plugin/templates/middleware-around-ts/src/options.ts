import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `my-plugin` says, once it is checked. */
export interface Options {
  readonly max: number
}

/** Checks the block and describes it: README, editors and error messages are made from it. */
export const schema: OptionsSchema<Options> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max: {
      type: 'integer',
      minimum: 1,
      default: 100,
      description: 'How many requests may wait for a response at once; the next one gets 503.',
    },
  },
}
