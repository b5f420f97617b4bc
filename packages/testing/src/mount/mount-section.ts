import {
  type Awaitable,
  type ConfigProblem,
  definePlugin,
  type Gateway,
  type OptionsSchema,
  type Plugin,
  type Scope,
  type SectionKey,
} from '@gatewright/kernel'
import { inMemory, startMemoryGateway, validateInMemory } from './memory-gateway.ts'
import { optionsChecked, type WrittenOptions } from './mount-middleware.ts'

/** A factory whose instances can stand alone: providers, session stores. */
export interface StandAloneFactory<O, T> {
  readonly type: string
  readonly schema: OptionsSchema<O>
  create(options: O, scope: Scope): Awaitable<T>
}

/** An instance made by a real gateway, with a real scope. */
export interface MountedInstance<T> extends AsyncDisposable {
  /** Of the present configuration. */
  readonly instance: () => T
  readonly gateway: Gateway
  readonly reload: (options: WrittenOptions) => Promise<void>
  readonly close: () => Promise<void>
}

/** Has a gateway validate options and make an instance of them. Throws GW_INVALID_OPTIONS. */
export async function mountInSection<O, T>(
  factory: StandAloneFactory<O, T>,
  options: WrittenOptions,
): Promise<MountedInstance<T>> {
  const { plugin, key } = pluginOf(factory)
  const at = [factory.type]
  const { apply, gateway, close } = await optionsChecked(at, () =>
    startMemoryGateway({ plugins: [plugin], config: { [factory.type]: options } }),
  )
  return {
    gateway,
    close,
    instance: () => {
      const section = key()
      const made = section && gateway.snapshot.get(section)
      if (made === undefined) throw new Error('the gateway made no instance')
      return made
    },
    reload: (next) => optionsChecked(at, () => apply({ [factory.type]: next })),
    [Symbol.asyncDispose]: close,
  }
}

/** What a check of a configuration with these options says. */
export function validateInSection<O, T>(
  factory: StandAloneFactory<O, T>,
  options: WrittenOptions,
): Promise<readonly ConfigProblem[]> {
  return validateInMemory([pluginOf(factory).plugin], inMemory({ [factory.type]: options }))
}

function pluginOf<O, T>(
  factory: StandAloneFactory<O, T>,
): { readonly plugin: Plugin<undefined>; readonly key: () => SectionKey<T> | undefined } {
  let key: SectionKey<T> | undefined
  const plugin = definePlugin({
    name: 'mounted',
    setup(gateway) {
      key = gateway.section<O, T>({
        type: factory.type,
        labelled: false,
        schema: factory.schema,
        create: (options, scope) => factory.create(options, scope),
      })
    },
  })
  return { plugin, key: () => key }
}
