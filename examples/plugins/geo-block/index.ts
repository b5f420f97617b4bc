import { ContextKey, defineMiddleware, definePlugin, note } from '@gatewright/kernel'
import { openWatchedFile } from '@gatewright/watched-file'
import { parseCountries } from './countries.ts'
import { errors } from './errors.ts'

interface Options {
  readonly file: string
  readonly deny: string[]
}

/** Where a request comes from, for other plugins: `ctx.get(country)`. */
export const country: ContextKey<string> = new ContextKey('country')

/** The code for a country that nobody knows (ISO 3166 leaves it to its users). */
const unknown = 'ZZ'

const middleware = defineMiddleware<Options>({
  type: 'geo-block',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['file', 'deny'],
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        description:
          'CSV file with a network and a country in each line. Followed while it is used.',
      },
      deny: {
        type: 'array',
        items: {
          type: 'string',
          pattern: '^[A-Z]{2}$',
          'x-gatewright-expected': 'a country code such as "DK"',
        },
        description: 'Countries that get 403; `ZZ` is where the file does not know the country.',
      },
    },
  },
  async create({ file, deny }, scope) {
    const denied = new Set(deny)
    const countries = await openWatchedFile(scope, {
      path: file,
      option: ['file'],
      parse: parseCountries,
      // However many blocks name the file, it is in memory once.
      share: 'countries',
    })
    return {
      onRequest(ctx) {
        const code = countries.value.get(ctx.clientAddress) ?? unknown
        ctx.set(country, code)
        note(ctx, 'country', code)
        if (denied.has(code)) throw errors.GW_GEO_BLOCK_COUNTRY({ country: code })
      },
    }
  },
})

export default definePlugin({
  name: 'geo-block',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
