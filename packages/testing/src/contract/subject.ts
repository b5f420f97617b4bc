import { definePlugin, Gateway, type Plugin, validateOptions } from '@gatewright/kernel'
import type { Owner } from '../mount/mount-middleware.ts'
import { recordLogs } from '../recorded-logs.ts'
import { type AnyFactory, type Component, watchedGateway } from './component.ts'

/** A plugin under test, with the options of its set-up. */
export class Subject {
  readonly plugin: Plugin
  readonly #options: unknown

  constructor(plugin: Plugin, options: unknown) {
    this.plugin = plugin
    this.#options = options
  }

  /** It, with its options. Throws GW_INVALID_OPTIONS when it is set up with wrong ones. */
  whole(run: (setUp: () => unknown) => unknown = (setUp) => setUp()): Plugin<undefined> {
    return this.#variant((gateway, options) => run(() => this.plugin.setup(gateway, options)))
  }

  /** What it registers. Rejects if it cannot be set up. */
  async components(beside: readonly Plugin[]): Promise<readonly Component[]> {
    const found: Component[] = []
    const recording = this.#variant((gateway, options) =>
      this.plugin.setup(
        watchedGateway(gateway, (kind, factory) => {
          found.push({ kind, type: factory.type, factory })
          return factory
        }),
        options,
      ),
    )
    await using gateway = new Gateway({ log: recordLogs().log, plugins: [...beside, recording] })
    await gateway.validate({})
    return found
  }

  /**
   * A factory of the plugin to be tested by itself, and what brings it as part of the plugin. The
   * one that the plugin registers in the gateway where it is used does the work.
   */
  part<F extends AnyFactory>({ kind, type, factory }: Component): { factory: F; owner: Owner<F> } {
    let present = factory
    const part = { ...factory, create: (...args: unknown[]) => call(present, args) }
    const owner: Owner<F> = (observed) =>
      this.#variant((gateway, options) =>
        this.plugin.setup(
          watchedGateway(gateway, (registered, own) => {
            if (registered !== kind || own.type !== type) return own
            present = own
            return { ...own, ...observed }
          }),
          options,
        ),
      )
    // The component was registered as one of that kind.
    return { factory: part as unknown as F, owner }
  }

  #variant(setup: (...args: Parameters<Plugin['setup']>) => unknown): Plugin<undefined> {
    const { name, schema, requires = [], after = [] } = this.plugin
    return definePlugin({
      name,
      requires,
      after,
      setup: (gateway) => {
        const options =
          schema === undefined ? this.#options : validateOptions(schema, this.#options)
        // What a plugin returns there is nothing, or a promise of it.
        return setup(gateway, options) as undefined
      },
    })
  }
}

function call(factory: object, args: readonly unknown[]): unknown {
  const create: unknown = Reflect.get(factory, 'create')
  return typeof create === 'function' ? Reflect.apply(create, factory, args) : undefined
}
