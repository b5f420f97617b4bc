import { describe, expect, it } from 'vitest'
import { figures } from '../src/figure.ts'
import type { Plugin, PluginLoader } from '../src/plugin.ts'
import { chainConfig, MemoryGateway, plainConfig, plugin } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

describe('an error that nobody caught', () => {
  it.each(['set-up', 'create', 'activation', 'deactivation', 'end', 'activate hook'])(
    'belongs to the plugin whose %s began what went wrong',
    async (when) => {
      const owners = Promise.withResolvers<boolean>()
      const memory = new MemoryGateway([
        probe(when, () =>
          setImmediate(() => owners.resolve(memory.gateway.strays.contain('no stack'))),
        ),
      ])
      await memory.gateway.start(chainConfig({ it: { type: 'probe' } }))
      await memory.reload(plainConfig())
      await memory.gateway.shutdown()

      expect(await owners.promise).toBe(true)
      expect(memory.logs.lines).toContainEqual(
        expect.objectContaining({
          code: 'GW_PLUGIN_STRAY_ERROR',
          plugin: 'probe',
          msg: 'plugin "probe" let an error go that nobody caught: no stack',
        }),
      )
    },
  )

  it('belongs to the plugin whose code is on its stack', async () => {
    const loader: PluginLoader = new MemoryLoader()
    loader.ownerOf = (file) => (file.startsWith('/plugins/geo/') ? 'geo' : undefined)
    await using memory = new MemoryGateway([], { loader })
    const error = Object.assign(new Error('boom'), {
      stack:
        'Error: boom\n    at Object.fn (file:///lib/x.js:1:1)\n    at file:///plugins/geo/y%20z.js:2:3',
    })

    expect(memory.gateway.strays.contain(error)).toBe(true)
    expect(memory.logs.lines).toContainEqual(expect.objectContaining({ plugin: 'geo' }))
  })

  it('belongs to nobody if it happens for an exchange, and its stack names no plugin', async () => {
    const contained = Promise.withResolvers<boolean>()
    const given = plugin('given', (gateway) =>
      gateway.hooks.request.tap('given', () => {
        setImmediate(() => contained.resolve(memory.gateway.strays.contain('no stack')))
      }),
    )
    await using memory = new MemoryGateway([given])
    await memory.gateway.start(plainConfig())
    await memory.send()

    expect(await contained.promise).toBe(false)
  })

  it('is counted each time, and not logged over and over', async () => {
    const counts: unknown[] = []
    const reader = plugin('reader', (gateway) => {
      const figure = gateway.registry(figures).get('plugin_stray_errors_total')
      gateway.hooks.activate.tap('reader', (snapshot) => {
        for (let i = 0; i < 3; i++) memory.gateway.strays.contain('again')
        counts.push(...figure.read(snapshot))
      })
    })
    await using memory = new MemoryGateway([reader])

    await memory.gateway.start(plainConfig())

    expect(counts).toEqual([{ labels: ['reader'], value: 3 }])
    const lines = memory.logs.lines.filter(({ code }) => code === 'GW_PLUGIN_STRAY_ERROR')
    expect(lines).toHaveLength(1)
  })
})

/** A plugin that does something at one time of its life. */
function probe(when: string, act: () => void): Plugin {
  const at = (time: string): void => {
    if (time === when) act()
  }
  return plugin('probe', (gateway) => {
    at('set-up')
    gateway.hooks.activate.tap('probe', () => at('activate hook'))
    gateway.middlewares.register({
      type: 'probe',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create(_options, scope) {
        at('create')
        scope.onActivate(() => at('activation'))
        scope.onDeactivate(() => at('deactivation'))
        scope.defer(() => at('end'))
        return { onRequest: () => undefined }
      },
    })
  })
}
