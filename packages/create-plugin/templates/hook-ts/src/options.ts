import type { OptionsSchema } from '@gatewright/kernel'

/** What the `config` block of the plugin says, once it is checked. */
export interface Options {
  /** Milliseconds. */
  readonly slow: number
}

/** Checks the block and describes it: README, editors and error messages are made from it. */
export const schema: OptionsSchema<Options> = {
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
