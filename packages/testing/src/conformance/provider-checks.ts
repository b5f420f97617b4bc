import type { Provider, ProviderFactory } from '@gatewright/kernel'
import { mountInSection, validateInSection } from '../mount/mount-section.ts'
import { type Check, inTime, mustHold } from './check.ts'
import { Ledger } from './ledger.ts'
import { lifecycleChecks } from './lifecycle-checks.ts'
import { type OptionCases, schemaChecks } from './schema-checks.ts'

/** What a provider is tried with. */
export interface ProviderCases extends OptionCases {
  /**
   * Changes what the source of the first valid options says. Without it, that is not tried.
   */
  readonly change?: (() => PromiseLike<void> | void) | undefined
}

/** The contract of configuration providers, as functions that reject where it is broken. */
export function providerChecks<O>(
  factory: ProviderFactory<O>,
  cases: ProviderCases,
): readonly Check[] {
  const { valid, change } = cases
  const use = async (run: (provider: Provider) => Promise<void>): Promise<void> => {
    await using mounted = await mountInSection(factory, valid[0])
    await run(mounted.instance())
  }
  return [
    ...schemaChecks({
      type: factory.type,
      schema: factory.schema,
      foreignKeys: [],
      ...cases,
      instantiate: async (options) => (await mountInSection(factory, options)).close(),
    }),
    ...lifecycleChecks({
      factory,
      options: valid[0],
      mount: mountInSection,
      validate: validateInSection,
    }),
    { name: 'tells at once what there is', run: () => use(yieldsAtOnce) },
    ...(change === undefined
      ? []
      : [
          {
            name: 'tells again when its source changes',
            run: () => use((p) => yieldsAgain(p, change)),
          },
        ]),
    { name: 'stops when it is told to, and leaves nothing', run: () => use(stops) },
    { name: 'does not begin when it is stopped already', run: () => use(neverBegins) },
    { name: 'can begin again', run: () => use(beginsAgain) },
  ]
}

async function yieldsAtOnce(provider: Provider): Promise<void> {
  const controller = new AbortController()
  const watching = provider.watch(controller.signal)[Symbol.asyncIterator]()
  const { done, value } = await inTime(watching.next(), 'nothing comes')
  mustHold(done !== true && typeof value === 'object', 'the first value is no configuration')
  controller.abort()
  await watching.return?.()
}

async function yieldsAgain(
  provider: Provider,
  change: () => PromiseLike<void> | void,
): Promise<void> {
  const controller = new AbortController()
  const watching = provider.watch(controller.signal)[Symbol.asyncIterator]()
  await inTime(watching.next(), 'nothing comes')
  const second = watching.next()
  await change()
  const { done } = await inTime(second, 'the change does not come')
  mustHold(done !== true, 'it ended with the change')
  controller.abort()
  await watching.return?.()
}

async function stops(provider: Provider): Promise<void> {
  using ledger = new Ledger()
  const controller = new AbortController()
  const watching = ledger.watch.run(() => provider.watch(controller.signal)[Symbol.asyncIterator]())
  await ledger.watch.run(() => inTime(watching.next(), 'nothing comes'))
  const next = ledger.watch.run(() => watching.next())
  controller.abort()
  const { done } = await inTime(next, 'it goes on after it was told to stop')
  mustHold(done === true, 'it had something to say after it was told to stop')
  await ledger.settled(0)
}

async function neverBegins(provider: Provider): Promise<void> {
  const watching = provider.watch(AbortSignal.abort())[Symbol.asyncIterator]()
  const { done } = await inTime(watching.next(), 'it waits although it was stopped before')
  mustHold(done === true, 'it had something to say although it was stopped before')
}

async function beginsAgain(provider: Provider): Promise<void> {
  await yieldsAtOnce(provider)
  await yieldsAtOnce(provider)
}
