import { access } from 'node:fs/promises'
import {
  ContextKey,
  defineMiddleware,
  definePlugin,
  note,
  problemOf,
  type Scope,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { KeyStore } from './key-store.ts'

interface Options {
  readonly file: string
  /** In milliseconds. */
  readonly cache: number
}

/** Whose key a request carried, for other plugins: `ctx.get(owner)`. */
export const owner: ContextKey<string> = new ContextKey('owner')

const middleware = defineMiddleware<Options>({
  type: 'api-key-db',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['file'],
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        description:
          'SQLite database with a table `keys(digest, owner)`; digests are SHA-256 in hex.',
      },
      cache: {
        duration: true,
        default: '10s',
        description: 'How long an answer holds, also for keys that nobody has.',
      },
    },
  },
  async create(options, scope) {
    const store = await openStore(options, scope)
    return {
      onRequest(ctx) {
        const { headers } = ctx.request
        const key = headers.get('x-api-key')
        if (key === undefined) throw errors.GW_API_KEY_DB_MISSING()
        const name = find(store, key)
        if (name === undefined) throw errors.GW_API_KEY_DB_UNKNOWN()
        ctx.set(owner, name)
        note(ctx, 'owner', name)
        // The service has no use for it, and logs of others are no place for it.
        headers.delete('x-api-key')
      },
    }
  },
})

/** The same one after a reload, if the options are the same. */
async function openStore({ file, cache }: Options, scope: Scope): Promise<KeyStore> {
  const path = scope.resolvePath(file)
  try {
    await access(path)
    return scope.keep(JSON.stringify(['keys', path, cache]), () => new KeyStore(path, cache))
  } catch (error) {
    const problem = problemOf(error)
    // `option` is what the problem points at in the configuration.
    throw errors.GW_API_KEY_DB_FILE({ file: path, problem }, { cause: error, option: ['file'] })
  }
}

/** A database that does not answer lets nobody in. */
function find(store: KeyStore, key: string): string | undefined {
  try {
    return store.ownerOf(key)
  } catch (error) {
    throw errors.GW_API_KEY_DB_FAILED(undefined, { cause: error })
  }
}

export default definePlugin({
  name: 'api-key-db',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
