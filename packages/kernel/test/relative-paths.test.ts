import { resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { ConfigDocument, GatewayConfigInput } from '../src/config.ts'
import type { GatewayOptions } from '../src/gateway-options.ts'
import type { Provider } from '../src/provider.ts'
import type { Scope } from '../src/scope.ts'
import { MemoryGateway, middlewaresOf, plainConfig, plugin } from './support/memory-gateway.ts'

const middlewares = { m: { type: 'm' } }

describe('a relative path in the options of a block', () => {
  it.each<[string, GatewayConfigInput | ConfigDocument, GatewayOptions, string]>([
    [
      'begins at the folder of its file',
      document('/etc/gateway', plainConfig({ middlewares })),
      { baseDir: '/srv' },
      '/etc/gateway/list',
    ],
    [
      'begins there also if the path of the file is a relative one',
      document('edge', plainConfig({ middlewares })),
      { baseDir: '/srv' },
      '/srv/edge/list',
    ],
    [
      'begins at the base folder of the gateway if there is no file',
      plainConfig({ middlewares }),
      { baseDir: '/srv' },
      '/srv/list',
    ],
    [
      'begins at the working directory if nothing else is said',
      plainConfig({ middlewares }),
      {},
      resolve('list'),
    ],
  ])('%s', async (_where, config, options, expected) => {
    const paths: string[] = []
    await using memory = new MemoryGateway([asking(paths)], options)

    expect(await memory.gateway.validate(config)).toEqual([])

    expect(paths).toEqual([expected])
  })

  it('begins at the folder of its own file if there are several', async () => {
    const paths: string[] = []
    const config = plainConfig({ middlewares, providers: { feed: {} } })
    const news = document('/etc/gateway/more', { middlewares: { other: { type: 'm' } } })
    const plugins = [asking(paths), feeding(news)]
    await using memory = new MemoryGateway(plugins, { baseDir: '/srv' })
    await memory.gateway.start(config)

    await vi.waitFor(() => expect(memory.gateway.snapshot.version).toBe(2))

    expect(paths).toEqual(['/srv/list', '/srv/list', '/etc/gateway/more/list'])
  })

  it('makes the block another one when it moves to the file of another folder', async () => {
    const paths: string[] = []
    let folder = '/etc/gateway/one'
    const files = plugin('files', (gateway) => {
      gateway.providers.register({
        type: 'files',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        load: () => document(folder, { middlewares }),
        create: () => ({ watch: silence }),
      })
    })
    const config = document('/etc/gateway', plainConfig({ providers: { files: {} } }))
    await using memory = new MemoryGateway([asking(paths), files])
    await memory.gateway.start(config)

    const same = await memory.gateway.reload(config)
    folder = '/etc/gateway/two'
    const moved = await memory.gateway.reload(config)

    expect(same.unchanged).toBe(true)
    expect(moved.changed.middlewares.updated).toEqual(['m'])
    expect(paths).toEqual(['/etc/gateway/one/list', '/etc/gateway/two/list'])
  })

  it('stays what it is if it is none', async () => {
    const paths: string[] = []
    await using memory = new MemoryGateway([asking(paths, '/etc/passwd')])

    await memory.gateway.validate(document('/srv', plainConfig({ middlewares })))

    expect(paths).toEqual(['/etc/passwd'])
  })

  it('is resolved for every kind of block', async () => {
    const paths: string[] = []
    const tell = (scope: Scope): void => void paths.push(`${scope.name} ${scope.resolvePath('.')}`)
    const schema = { type: 'object', additionalProperties: false, properties: {} } as const
    const blocks = plugin('blocks', (gateway) => {
      gateway.section({
        type: 'notes',
        labelled: true,
        schema,
        create: (_: object, scope: Scope) => tell(scope),
      })
      gateway.entrypointFeatures.register({
        type: 'mark',
        schema: { ...schema, properties: { mark: { type: 'string', description: 'Any.' } } },
        create: (_: object, scope: Scope) => (tell(scope), {}),
      })
      gateway.serviceFeatures.register({
        type: 'extra',
        parent: 'service',
        stage: 0,
        schema,
        create: (_: object, _service: unknown, scope: Scope) => (tell(scope), {}),
      })
    })
    const plain = plainConfig({ notes: { first: {} } })
    const config = document('/srv', {
      ...plain,
      entrypoints: { web: { address: '127.0.0.1:80', mark: 'x' } },
      services: { app: { load_balancer: { servers: [{ url: 'http://a' }] }, extra: {} } },
    })
    await using memory = new MemoryGateway([blocks])

    expect(await memory.gateway.validate(config)).toEqual([])

    expect(paths.toSorted()).toEqual(['app /srv', 'first /srv', 'web /srv'])
  })
})

/** A plugin whose middleware asks where a path leads. */
function asking(paths: string[], path = 'list'): ReturnType<typeof middlewaresOf> {
  return middlewaresOf({
    m: (scope) => {
      paths.push(scope.resolvePath(path))
      return { onRequest: () => undefined }
    },
  })
}

async function* silence(signal: AbortSignal): AsyncGenerator<never> {
  await new Promise((settle) => signal.addEventListener('abort', settle))
  yield* []
}

/** A plugin with a provider that says one thing. */
function feeding(news: ConfigDocument): ReturnType<typeof plugin> {
  const provider: Provider = {
    async *watch(signal) {
      yield news
      await new Promise((settle) => signal.addEventListener('abort', settle))
    },
  }
  return plugin('feed', (gateway) => {
    gateway.providers.register({
      type: 'feed',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create: () => provider,
    })
  })
}

function document(folder: string, config: GatewayConfigInput): ConfigDocument {
  return { config, normalise: (value) => value, folderOf: () => folder }
}
