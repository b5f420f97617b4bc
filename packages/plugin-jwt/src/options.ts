import type { OptionsSchema } from '@gatewright/kernel'
import { type Algorithm, algorithmNames } from './keys/algorithms.ts'

/** What a `middlewares` block of type `jwt` says. Durations are in milliseconds. */
export interface JwtOptions {
  /** Secret for HS256, HS384 and HS512. */
  readonly value?: string
  /** More such secrets, for instance the last one and the next one. Default none. */
  readonly secrets: readonly string[]
  /** Public keys (SPKI) or certificates (X.509) as PEM text. Default none. */
  readonly public_keys: readonly string[]
  /** Files with one public key or certificate each, read again when they change. Default none. */
  readonly public_key_files: readonly string[]
  /** Where a JSON Web Key Set (RFC 7517) is fetched. */
  readonly jwks_url?: string
  /** File with a JSON Web Key Set, read again when it changes; it may hold secrets (`oct`). */
  readonly jwks_file?: string
  /** How often the key set is fetched. Default 5 minutes. */
  readonly jwks_refresh: number
  /** How long a fetch may take. Default 5 s. */
  readonly jwks_timeout: number
  /** Pause after a fetch before an unknown key id may cause another. Default 30 s. */
  readonly jwks_cooldown: number
  /** What tokens may be signed with. Default: whatever fits the keys. Never `none`. */
  readonly algorithms?: readonly Algorithm[]
  /** Accepted values of `typ` in the header of a token. Default any. */
  readonly types: readonly string[]
  /** Accepted values of `iss`. Default any. */
  readonly issuers: readonly string[]
  /** Accepted values of `aud`, of which a token needs one. Default any. */
  readonly audiences: readonly string[]
  /** Scopes that a token must have, all of them. Default none. */
  readonly scopes: readonly string[]
  /** Claims that a token must have. Default `exp`. */
  readonly required_claims: readonly string[]
  /** Claims that must have this value, or a list with it. Default none. */
  readonly claims: Readonly<Record<string, string>>
  /** How far clocks may differ. Default 60 s. */
  readonly leeway: number
  /** Field that carries the token. Default `Authorization`. */
  readonly header?: string
  /** Where to look for the token, in this order. Default the field of `header`. */
  readonly sources: readonly string[]
  /** Accept a field that is the token alone, without `Bearer`. Default false. */
  readonly allow_raw: boolean
  /** Field for the upstream → claim in it. Default `x-jwt-subject` → `sub`. */
  readonly forward_claims: Readonly<Record<string, string>>
  /** Keep the token from the upstream. Default false. */
  readonly remove_token: boolean
  /** Longest token that is looked at, in bytes. Default 8192. */
  readonly max_token_bytes: number
  /** Name of the protected area in `WWW-Authenticate`. Default `gatewright`. */
  readonly realm: string
}

type Keys<K extends keyof JwtOptions> = Pick<OptionsSchema<JwtOptions>['properties'], K>

const text = { type: 'string', minLength: 1 } as const

const keys: Keys<
  | 'value'
  | 'secrets'
  | 'public_keys'
  | 'public_key_files'
  | 'jwks_url'
  | 'jwks_file'
  | 'jwks_refresh'
  | 'jwks_timeout'
  | 'jwks_cooldown'
  | 'algorithms'
> = {
  value: {
    ...text,
    'x-gatewright-secret': true,
    description: 'Secret for HS256, HS384 and HS512; 32, 48 or 64 bytes or more.',
  },
  secrets: {
    type: 'array',
    items: text,
    default: [],
    'x-gatewright-secret': true,
    description: 'More such secrets, for instance the last one and the next one.',
  },
  public_keys: {
    type: 'array',
    items: text,
    default: [],
    description: 'Public keys (SPKI) or certificates (X.509) as PEM text.',
  },
  public_key_files: {
    type: 'array',
    items: text,
    default: [],
    description: 'Files with one such key each, read again when they change.',
  },
  jwks_url: {
    type: 'string',
    pattern: '^https?://',
    'x-gatewright-expected': 'a URL that begins with "http://" or "https://"',
    'x-gatewright-secret': 'url',
    description:
      'Where a JSON Web Key Set is fetched; `https://user:password@host/…` if that asks for them.',
  },
  jwks_file: {
    ...text,
    description: 'File with a JSON Web Key Set, read again when it changes; may hold secrets.',
  },
  jwks_refresh: {
    duration: true,
    default: '5m',
    description: 'How often the key set is fetched.',
  },
  jwks_timeout: {
    duration: true,
    default: '5s',
    description: 'How long fetching the key set may take.',
  },
  jwks_cooldown: {
    duration: true,
    default: '30s',
    description: 'Pause after a fetch before an unknown key id may cause another one.',
  },
  algorithms: {
    type: 'array',
    items: { type: 'string', enum: algorithmNames },
    minItems: 1,
    description: 'What tokens may be signed with. Without it whatever fits the keys; never `none`.',
  },
}

const rules: Keys<
  'types' | 'issuers' | 'audiences' | 'scopes' | 'required_claims' | 'claims' | 'leeway'
> = {
  types: {
    type: 'array',
    items: text,
    default: [],
    description:
      'Accepted values of `typ` in the header of a token, such as `at+jwt`; any if empty.',
  },
  issuers: {
    type: 'array',
    items: text,
    default: [],
    description: 'Accepted values of `iss`; any if empty.',
  },
  audiences: {
    type: 'array',
    items: text,
    default: [],
    description: 'Accepted values of `aud`, of which a token needs one; any if empty.',
  },
  scopes: {
    type: 'array',
    // RFC 6749 section 3.3.
    items: {
      type: 'string',
      pattern: '^[!#-\\[\\]-~]+$',
      'x-gatewright-expected': 'ASCII text without blanks, quotes and backslashes',
    },
    default: [],
    description: 'Scopes that a token must have, all of them, in its claim `scope` or `scp`.',
  },
  required_claims: {
    type: 'array',
    items: text,
    default: ['exp'],
    description: 'Claims that a token must have.',
  },
  claims: {
    type: 'object',
    additionalProperties: { type: 'string' },
    default: {},
    description: 'Claims that must have this value, or be a list with it.',
  },
  leeway: {
    duration: { allowZero: true },
    default: '60s',
    description: 'How far clocks may differ.',
  },
}

const transport: Keys<
  | 'header'
  | 'sources'
  | 'allow_raw'
  | 'forward_claims'
  | 'remove_token'
  | 'max_token_bytes'
  | 'realm'
> = {
  header: {
    type: 'string',
    pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    'x-gatewright-expected': 'a header field name',
    description: 'Header field that carries the token. Without it and `sources`, `Authorization`.',
  },
  sources: {
    type: 'array',
    items: {
      type: 'string',
      pattern: "^(?:header|cookie|query):[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
      'x-gatewright-expected': '"header:", "cookie:" or "query:" and a name',
    },
    default: [],
    description:
      'Where to look for the token, in this order: `header:NAME`, `cookie:NAME`, `query:NAME`. In place of `header`.',
  },
  allow_raw: {
    type: 'boolean',
    default: false,
    description: 'Accept a header field that is the token alone, without `Bearer`.',
  },
  forward_claims: {
    type: 'object',
    additionalProperties: text,
    default: { 'x-jwt-subject': 'sub' },
    description:
      'Header field for the upstream = claim in it; `a.b` is `b` inside `a`. Taken away from what clients send.',
  },
  remove_token: {
    type: 'boolean',
    default: false,
    description: 'Keep the token from the upstream.',
  },
  max_token_bytes: {
    bytes: true,
    default: 8192,
    description: 'Longest token that is looked at, in bytes.',
  },
  realm: {
    type: 'string',
    pattern: '^[ !#-\\[\\]-~]*$',
    'x-gatewright-expected': 'ASCII text without quotes and backslashes',
    default: 'gatewright',
    description: 'Name of the protected area in `WWW-Authenticate`.',
  },
}

/** Checks a block of type `jwt`. */
export const schema: OptionsSchema<JwtOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: { ...keys, ...rules, ...transport },
  'x-gatewright-examples': [
    {
      title: 'Tokens of an identity provider',
      hcl: 'middlewares "signed-in" {\n  type      = "jwt"\n  jwks_url  = "https://login.example.com/.well-known/jwks.json"\n  issuers   = ["https://login.example.com/"]\n  audiences = ["api"]\n}\n',
    },
    {
      title: 'Tokens signed with a shared secret',
      hcl: 'middlewares "signed-in" {\n  type  = "jwt"\n  value = "a-secret-of-at-least-thirty-two-bytes"\n}\n',
    },
  ],
}
