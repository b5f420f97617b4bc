import type { OptionsSchema } from '@gatewright/kernel'

/** What the block `my-plugin` of `providers` says, once it is checked. */
export interface Options {
  readonly file: string
  /** Milliseconds. */
  readonly interval: number
}

/** Checks the block and describes it: README, editors and error messages are made from it. */
export const schema: OptionsSchema<Options> = {
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description: 'JSON file with an object: path prefixes, and the URLs of the servers of each.',
    },
    interval: {
      duration: true,
      default: '2s',
      description: 'How long after a look at the file comes the next one.',
    },
  },
}
