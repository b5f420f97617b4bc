/** @import { OptionsSchema } from '@gatewright/kernel' */

/**
 * What an `entrypoints` block with this protocol says besides, once it is checked.
 *
 * @typedef {object} Options
 * @property {string} host
 * @property {number} patience Milliseconds.
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
    host: {
      type: 'string',
      format: 'hostname',
      default: 'localhost',
      description: 'What requests say as their host, for rules and services.',
    },
    patience: {
      duration: true,
      default: '10s',
      description:
        'How long a client may take for its line, and for each piece of what it is sent.',
    },
  },
}
