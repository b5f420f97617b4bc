import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `api-key` says. */
export interface ApiKeyOptions {
  /** Where the key stands. Default `X-API-Key`. */
  readonly header: string
  /**
   * Keys without a consumer's name, as they are or as `sha256:` and 64 hexadecimal digits.
   */
  readonly keys?: readonly string[]
  /** Keys of consumers by their names, written in the same way. */
  readonly consumers?: Readonly<Record<string, readonly string[]>>
  /** A file of keys, one a line, each with the name of its consumer behind it. Watched. */
  readonly keys_file?: string
  /** Whether `Authorization: ApiKey …` and `Authorization: Bearer …` count as well. Default false. */
  readonly authorization: boolean
  /** Name of a query parameter that counts as well. */
  readonly query?: string
  /** Whether the key is sent on to the upstream. Default false. */
  readonly forward: boolean
  /** Where the upstream finds the name of the consumer; empty means nowhere. */
  readonly consumer_header: string
  /** The realm in `WWW-Authenticate`. Default `gatewright`. */
  readonly realm: string
}

const fieldName = "[!#$%&'*+\\-.\\^_`\\|~0-9A-Za-z]+"

/** Checks a block of type `api-key`. */
export const schema: OptionsSchema<ApiKeyOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    header: {
      type: 'string',
      pattern: `^${fieldName}$`,
      'x-gatewright-expected': 'a header field name',
      default: 'X-API-Key',
      description: 'Header field that carries the key.',
    },
    keys: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      'x-gatewright-secret': true,
      description: 'Keys, as they are or as `sha256:` and the digest in hexadecimal digits.',
    },
    consumers: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        'x-gatewright-secret': true,
      },
      description: 'Keys by the name of their consumer, written in the same way.',
    },
    keys_file: {
      type: 'string',
      minLength: 1,
      description:
        'File of keys, a line each: the key, a blank, the name of its consumer. Watched.',
    },
    authorization: {
      type: 'boolean',
      default: false,
      description: 'Take a key from `Authorization: ApiKey` and `Authorization: Bearer`, too.',
    },
    query: {
      type: 'string',
      minLength: 1,
      description: 'Query parameter from which a key is taken, too. Such keys end up in logs.',
    },
    forward: {
      type: 'boolean',
      default: false,
      description: 'Send the key on to the upstream.',
    },
    consumer_header: {
      type: 'string',
      pattern: `^(?:${fieldName})?$`,
      'x-gatewright-expected': 'a header field name or nothing',
      default: 'X-Consumer-Name',
      description: 'Tells the upstream the name of the consumer; empty tells nothing.',
    },
    realm: {
      type: 'string',
      // What needs no escape between quotes.
      pattern: '^[ !#-\\[\\]-~]*$',
      'x-gatewright-expected': 'ASCII text without quotes and backslashes',
      default: 'gatewright',
      description: 'The realm in `WWW-Authenticate`.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Two partners',
      hcl: 'middlewares "partners" {\n  type = "api-key"\n  consumers = {\n    acme  = ["sha256:09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b"]\n    other = ["sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]\n  }\n}\n',
    },
  ],
}
