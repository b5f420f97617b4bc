import type { OptionsSchema } from '@gatewright/kernel'
import { type KeyOptions, keySchema } from '@gatewright/plugin-rate-limit'

/** How many messages there may be. */
export interface Limit {
  readonly rate: number
  readonly burst?: number
  /** In milliseconds. */
  readonly period: number
}

/** The same for all connections of a client together. */
export interface ClientLimit extends Limit, KeyOptions {
  readonly max_keys: number
}

/** What a `middlewares` block of type `ws-rate` says. */
export interface Options extends Limit {
  readonly max_message_bytes: number
  readonly client?: ClientLimit
}

const limitSchema = {
  rate: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Messages per `period`.',
  },
  burst: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Messages that may come at once after a pause. Default: `rate`.',
  },
  period: {
    duration: true,
    default: '1s',
    description: 'How long the time is in which `rate` messages may come.',
  },
} as const

/** Checks it. */
export const schema: OptionsSchema<Options> = {
  type: 'object',
  additionalProperties: false,
  required: ['rate'],
  properties: {
    ...limitSchema,
    max_message_bytes: {
      bytes: true,
      default: '64KiB',
      description: 'Size of a message, compressed if it is; above it the connection is closed.',
    },
    client: {
      type: 'object',
      additionalProperties: false,
      required: ['rate'],
      description: 'A limit for all connections of a client together. Default: none.',
      properties: {
        ...limitSchema,
        ...keySchema,
        max_keys: {
          type: 'integer',
          minimum: 1,
          maximum: 10_000_000,
          default: 100_000,
          description: 'How many clients are remembered; above that, the longest unused are not.',
        },
      },
    },
  },
}
