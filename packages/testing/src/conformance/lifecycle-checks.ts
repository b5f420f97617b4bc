import type { ConfigProblem, Gateway } from '@gatewright/kernel'
import { settles } from '../leaks/garbage.ts'
import { type Check, mustHold } from './check.ts'
import { type Creator, Ledger } from './ledger.ts'

/** How many reloads must leave nothing behind. */
const reloads = 200

/**
 * How much one kept resource may have started that was not there at first, such as a connection
 * that it makes again and a timer for that.
 */
const startedByKept = 2

/** An instance in a running gateway. */
export interface Mounted<O> {
  readonly gateway: Gateway
  readonly reload: (options: O) => Promise<void>
  readonly close: () => Promise<void>
}

/** A factory as its life concerns these checks. */
export interface LifecycleSubject<F extends Creator, O> {
  readonly factory: F
  readonly options: O
  readonly mount: (factory: F, options: O) => Promise<Mounted<O>>
  readonly validate: (factory: F, options: O) => Promise<readonly ConfigProblem[]>
}

/** What every factory owes to reloads and to configurations that are only checked. */
export function lifecycleChecks<F extends Creator, O>(subject: LifecycleSubject<F, O>): Check[] {
  return [
    {
      name: 'opens and starts nothing while a configuration is only checked',
      run: () => opensNothing(subject),
    },
    {
      name: 'keeps its resources over a reload with the same options',
      run: () => keepsResources(subject),
    },
    { name: `leaves nothing behind after ${reloads} reloads`, run: () => leavesNothing(subject) },
  ]
}

async function opensNothing<F extends Creator, O>(subject: LifecycleSubject<F, O>): Promise<void> {
  using ledger = new Ledger()
  const problems = await subject.validate(ledger.observe(subject.factory), subject.options)
  mustHold(problems.length === 0, problems.map(({ message }) => message).join('; '))
  const opened = ledger.watch.takeOpened()
  mustHold(
    opened.length === 0,
    `"create" started ${opened.join(', ')}; use "scope.onActivate" for that`,
  )
}

async function keepsResources<F extends Creator, O>(
  subject: LifecycleSubject<F, O>,
): Promise<void> {
  const { factory, options, mount } = subject
  using ledger = new Ledger()
  const { reload, close } = await mount(ledger.observe(factory), options)
  const { made } = ledger
  await reload(options)
  const again = ledger.made - made
  await close()
  mustHold(again === 0, `${again} of ${made} kept resources were made again; their keys change`)
}

async function leavesNothing<F extends Creator, O>(subject: LifecycleSubject<F, O>): Promise<void> {
  const { factory, options, mount } = subject
  using ledger = new Ledger()
  const { gateway, reload, close } = await mount(ledger.observe(factory), options)
  const before = ledger.watch.live.length + ledger.made * startedByKept
  for (let i = 0; i < reloads; i++) await reload(options)
  mustHold(gateway.liveSnapshots === 1, `${gateway.liveSnapshots} configurations are alive`)
  await ledger.settled(before)
  await settles(
    () => ledger.reachable() <= reloads / 10,
    () => `${ledger.reachable()} of ${reloads} replaced instances are still referred to`,
  )
  await close()
  await ledger.settled(0)
}

/** Holds once no exchange and no attempt is under way. */
export function isIdle(gateway: Gateway): boolean {
  if (gateway.exchanges > 0) return false
  const services = [...gateway.snapshot.services.values()]
  return services.every(({ pool }) => pool.all.every(({ active }) => active === 0))
}
