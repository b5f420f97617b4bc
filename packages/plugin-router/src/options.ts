import type { OptionsSchema } from '@gatewright/kernel'

/** Top-level keys of the configuration that belong to routing. */
export interface RouterOptions {
  /**
   * Which of two matching routers wins: with `descending`, the default, the one with the higher
   * priority, where 0 means the length of its rule; with `ascending` the one with the lower number,
   * where 0 is 0.
   */
  readonly priority_order: 'descending' | 'ascending'
  /**
   * What happens to a path with dot segments: `reject`, the default, answers 400; `normalize`
   * resolves them before routing and forwards the result; `raw` leaves them alone.
   */
  readonly path_normalization: 'reject' | 'normalize' | 'raw'
}

/** Checks the top-level keys of routing. */
export const schema: OptionsSchema<RouterOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    priority_order: {
      type: 'string',
      enum: ['descending', 'ascending'],
      default: 'descending',
      description:
        'Which priority wins: the higher one, 0 meaning the length of the rule, or the lower one.',
    },
    path_normalization: {
      type: 'string',
      enum: ['reject', 'normalize', 'raw'],
      default: 'reject',
      description:
        'What happens to dot segments in a path: answer 400, resolve them and forward the result, or leave them alone.',
    },
  },
}
