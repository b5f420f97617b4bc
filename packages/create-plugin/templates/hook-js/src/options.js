/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What the `config` block of the plugin says, once it is checked.
 *
 * @typedef {object} Options
 * @property {number} slow Milliseconds.
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
    slow: {
      duration: { allowZero: true },
      default: '1s',
      description: 'Requests that take at least as long are logged.',
    },
  },
}
