/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What a `middlewares` block of type `my-plugin` says, once it is checked.
 *
 * @typedef {object} Options
 * @property {string[]} methods
 * @property {string} note
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
    methods: {
      type: 'array',
      items: {
        type: 'string',
        pattern: '^[A-Z]+$',
        'x-gatewright-expected': 'a method in capitals',
      },
      minItems: 1,
      default: ['GET', 'HEAD'],
      description: 'Request methods that may pass; the others are answered with 405.',
    },
    note: {
      type: 'string',
      default: 'hello',
      description: 'What the header `x-my-plugin` of every response says.',
    },
  },
}
