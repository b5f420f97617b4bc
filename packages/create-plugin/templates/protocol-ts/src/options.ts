import type { OptionsSchema } from '@gatewright/kernel'

/** What an `entrypoints` block with this protocol says besides, once it is checked. */
export interface Options {
  readonly host: string
  /** Milliseconds. */
  readonly patience: number
}

/** Checks these keys and describes them: README, editors and error messages are made from it. */
export const schema: OptionsSchema<Options> = {
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
