import { defineMiddleware, definePlugin, type Plugin } from '@gatewright/kernel'
import { gatewayFile, startGateway, type TestGateway } from '@gatewright/testing'
import { type MessageWatch, watchMessages } from '../../src/index.ts'

/**
 * A gateway in front of a server, whose conversations are watched.
 * @param keys Further ones of the middleware.
 * @param onFinish Called when access logs are.
 */
export function startWatched(
  url: string,
  watch: MessageWatch,
  keys: string = '',
  onFinish: () => void = () => undefined,
): Promise<TestGateway> {
  const config = gatewayFile(url, `type = "watched"\n ${keys}`)
  return startGateway(config, { plugins: [watcherPlugin(watch, onFinish)] })
}

/** The middleware type `watched`. */
export function watcherPlugin(watch: MessageWatch, onFinish: () => void = () => undefined): Plugin {
  const middleware = defineMiddleware({
    type: 'watched',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: (_options, scope) => watchMessages(scope, watch),
  })
  return definePlugin({
    name: 'watched',
    setup(gateway) {
      gateway.middlewares.register(middleware)
      gateway.hooks.finish.tap('watched', onFinish)
    },
  })
}
