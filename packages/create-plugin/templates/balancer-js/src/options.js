/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What a `load_balancer` block with this strategy says besides, once it is checked.
 *
 * @typedef {object} Options
 * @property {number} fill
 */

/**
 * Checks these keys and describes them: README, editors and error messages are made from it.
 *
 * @type {OptionsSchema<Options>}
 */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    fill: {
      type: 'integer',
      minimum: 1,
      default: 10,
      description: 'How many requests a server has at once before the next one gets any.',
    },
  },
}
