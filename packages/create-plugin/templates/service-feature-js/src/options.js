/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What a `my_plugin` block of a service says, once it is checked.
 *
 * @typedef {object} Options
 * @property {string} header
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
    header: {
      type: 'string',
      pattern: '^[a-z0-9-]+$',
      'x-gatewright-expected': 'a header name in lower case',
      default: 'x-served-by',
      description: 'Name of the response header that names the server.',
    },
  },
}
