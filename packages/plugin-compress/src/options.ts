import type { OptionsSchema } from '@gatewright/kernel'

/** A content coding that the middleware can produce (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). */
export type Coding = 'br' | 'zstd' | 'gzip' | 'deflate'

/** How hard each coding tries. */
export interface Levels {
  readonly br: number
  readonly zstd: number
  readonly gzip: number
  readonly deflate: number
}

/** What a `middlewares` block of type `compress` says. */
export interface CompressOptions {
  /** Those that may be used; the first one of equal preference is. Default `br`, `gzip`. */
  readonly encodings: readonly Coding[]
  /** Bodies that are known to be shorter stay as they are. Default 1024. */
  readonly min_bytes: number
  /** Default 4 for `br`, 3 for `zstd`, 6 for the others. */
  readonly level: Levels
  /** Media types; a star stands for a whole type or for what precedes a suffix. */
  readonly content_types: readonly string[]
  /** Those among them that stay as they are. Default `text/event-stream`. */
  readonly excluded_content_types: readonly string[]
  /** Milliseconds after which a body of unknown length is flushed if nothing more comes. */
  readonly flush_interval: number
  /** Responses that are compressed at once; further ones stay as they are. Default 256. */
  readonly max_encoders: number
  /** Whether bodies stay as they are whose length could tell secrets. Default false. */
  readonly breach_mitigation: boolean
}

const mediaType = {
  type: 'string',
  pattern: '^(?:[\\w!#$&^.+-]+/(?:\\*|[\\w!#$&^.+-]+)|\\*/\\*(?:\\+[\\w!#$&^.-]+)?)$',
  'x-gatewright-expected': 'a media type such as "text/html", "text/*" or "*/*+json"',
} as const

/** Checks a block of type `compress`. */
export const schema: OptionsSchema<CompressOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    encodings: {
      type: 'array',
      items: { type: 'string', enum: ['br', 'zstd', 'gzip', 'deflate'] },
      minItems: 1,
      uniqueItems: true,
      default: ['br', 'gzip'],
      description:
        'Codings that may be used: `br`, `zstd`, `gzip`, `deflate`. Of those that a client likes best, the first one of the list is.',
    },
    min_bytes: {
      bytes: { allowZero: true },
      default: 1024,
      description: 'Bodies that are known to be shorter stay as they are.',
    },
    level: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'How hard each coding tries; more costs more time.',
      properties: {
        br: { type: 'integer', minimum: 0, maximum: 9, default: 4, description: 'Of Brotli.' },
        zstd: {
          type: 'integer',
          minimum: 1,
          maximum: 12,
          default: 3,
          description: 'Of Zstandard.',
        },
        gzip: { type: 'integer', minimum: 1, maximum: 9, default: 6, description: 'Of gzip.' },
        deflate: {
          type: 'integer',
          minimum: 1,
          maximum: 9,
          default: 6,
          description: 'Of deflate.',
        },
      },
    },
    content_types: {
      type: 'array',
      items: mediaType,
      minItems: 1,
      default: [
        'text/*',
        'application/json',
        '*/*+json',
        'application/ndjson',
        'application/x-ndjson',
        'application/xml',
        '*/*+xml',
        'application/javascript',
        'application/x-javascript',
        'application/wasm',
      ],
      description: 'Media types that are compressed, such as `text/*` or `*/*+json`.',
    },
    excluded_content_types: {
      type: 'array',
      items: mediaType,
      default: ['text/event-stream'],
      description: 'Those among them that stay as they are.',
    },
    flush_interval: {
      duration: true,
      default: '100ms',
      description:
        'When nothing more has come for so long, what there is of a body of unknown length is sent.',
    },
    max_encoders: {
      type: 'integer',
      minimum: 1,
      default: 256,
      description: 'Responses that are compressed at once; further ones stay as they are.',
    },
    breach_mitigation: {
      type: 'boolean',
      default: false,
      description:
        'Leave bodies as they are that may hold a secret beside what another page has sent.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Also with Zstandard, and events as well',
      hcl: 'middlewares "smaller" {\n  type                   = "compress"\n  encodings              = ["zstd", "br", "gzip"]\n  excluded_content_types = []\n}\n',
    },
  ],
}
