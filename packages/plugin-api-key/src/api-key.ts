import { consumerKey, IdentityFields, setIdentityField } from '@gatewright/identity'
import {
  defineMiddleware,
  type Filter,
  type GatewayErrorOptions,
  type MiddlewareFactory,
  type Scope,
} from '@gatewright/kernel'
import { openWatchedFile } from '@gatewright/watched-file'
import { errors } from './errors.ts'
import { type KeyList, keyListOf, shortestSafeKey } from './key-list.ts'
import { KeySources } from './key-sources.ts'
import { type ApiKeyOptions, schema } from './options.ts'

/** The `api-key` middleware type. */
export const apiKey: MiddlewareFactory<ApiKeyOptions> = defineMiddleware({
  type: 'api-key',
  schema,
  async create(options, scope) {
    checkNames(options)
    return guard(options, await openKeys(options, scope))
  },
})

function guard(options: ApiKeyOptions, keys: { readonly value: KeyList }): Filter {
  const consumerHeader = options.consumer_header.toLowerCase()
  const told = new IdentityFields(consumerHeader === '' ? [] : [consumerHeader], [
    'consumer_header',
  ])
  const sources = new KeySources(options)
  const refusal = challengeOf(options)
  return {
    onSkip: (ctx) => told.clear(ctx.request.headers),
    onRequest(ctx) {
      const { headers } = ctx.request
      told.clear(headers)
      const digest = sources.take(ctx.request)
      if (digest === undefined) throw errors.GW_API_KEY_MISSING(undefined, refusal)
      const consumer = keys.value.find(digest)
      if (consumer === undefined) throw errors.GW_API_KEY_INVALID(undefined, refusal)
      ctx.set(consumerKey, consumer)
      if (consumerHeader !== '') setIdentityField(headers, consumerHeader, consumer.name)
    },
  }
}

async function openKeys(
  options: ApiKeyOptions,
  scope: Scope,
): Promise<{ readonly value: KeyList }> {
  const path = options.keys_file
  const list =
    path === undefined
      ? { value: keyListOf(options) }
      : await openWatchedFile(scope, {
          path,
          option: ['keys_file'],
          parse: (text) => keyListOf(options, text),
        })
  warnOfShortKeys(list.value, scope)
  return list
}

/** Refusing them would stop configurations that were written for other gateways. */
function warnOfShortKeys({ shortKeys: keys }: KeyList, { log }: Scope): void {
  if (keys > 0) log.warn({ keys, expected: shortestSafeKey }, 'keys are short enough to be guessed')
}

/** RFC 9110 section 11.6.1: a 401 without a challenge is not allowed. */
function challengeOf({ realm, authorization }: ApiKeyOptions): GatewayErrorOptions {
  const schemes = authorization ? ['ApiKey', 'Bearer'] : ['ApiKey']
  const challenges = schemes.map((scheme) => `${scheme} realm="${realm}"`)
  return { headers: ['www-authenticate', challenges.join(', ')] }
}

/** What the client says in the field of the consumer is removed, so no key may stand there. */
function checkNames({ header, consumer_header: consumerHeader, authorization }: ApiKeyOptions) {
  const sources = authorization ? [header, 'authorization'] : [header]
  if (!sources.map(canonical).includes(canonical(consumerHeader))) return
  throw errors.GW_API_KEY_OPTIONS(
    { problem: 'must be another field than the one with the key' },
    { option: ['consumer_header'] },
  )
}

function canonical(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
