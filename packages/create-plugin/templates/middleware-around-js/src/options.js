/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What a `middlewares` block of type `my-plugin` says, once it is checked.
 *
 * @typedef {object} Options
 * @property {number} max
 */

/**
 * Checks the block and describes it: README, editors and error messages are made from it.
 *
 * @type {OptionsSchema<Options>}
 */
export const schema = {
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
