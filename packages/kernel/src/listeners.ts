/**
 * The entrypoints that listen, and how those of a new configuration take their place.
 *
 * @module
 */
import type { Logger } from 'pino'
import { addressesConflict } from './address.ts'
import type { EntrypointPlan } from './blueprint.ts'
import { canonicalJson } from './canonical.ts'
import { errors } from './errors.ts'
import { type GatewayError, problemOf } from './gateway-error.ts'
import { Holdings } from './holdings.ts'
import { type GatewayPart, LiveScope } from './live-scope.ts'
import { checkMethod } from './made.ts'
import { asNobody } from './plugin-context.ts'
import type { Ingress, ProtocolServer } from './protocol.ts'
import { ownerOfFactory, titleOfFactory } from './registry.ts'
import type { KeptResources } from './resources.ts'
import type { Scope } from './scope.ts'
import { StepObservers } from './steps.ts'
import { inTime } from './time-limit.ts'

/** How long a server may take to cut its connections off when its time to drain is over. */
const cutOffTimeoutMs = 10_000

/** How long those who ask how a shutdown gets on may take to hear the last of it. */
const lastTimeoutMs = 1000

/** Where an entrypoint really listens. */
export interface BoundAddress {
  readonly address: string
  readonly port: number
}

/** A server that was made for an entrypoint, with what it holds with its present options. */
interface Made {
  readonly plan: EntrypointPlan
  readonly server: ProtocolServer
  readonly scope: Scope
  readonly holdings: Holdings
}

interface Listener extends Made {
  readonly bound: BoundAddress
}

/** The listeners of a configuration that is not active yet. */
export interface StagedListeners {
  /**
   * Binds what is new. Throws GW_ADDRESS_IN_USE or GW_LISTEN_FAILED, with nothing changed.
   * @returns What puts them in place of the present ones; those that nobody names then drain.
   */
  bind(): Promise<(drainTimeoutMs: number) => void>
  /** Undoes what making them did, unless they are in place. */
  discard(): Promise<void>
}

/** The entrypoints that listen. One with the same protocol and address is kept over a reload. */
export class Listeners {
  readonly #ingress: Ingress
  readonly #resources: KeptResources
  readonly #log: Logger
  readonly #part: GatewayPart
  #current: readonly Listener[] = []
  readonly #draining = new Set<Promise<void>>()

  constructor(ingress: Ingress, resources: KeptResources, log: Logger, part: GatewayPart) {
    this.#ingress = ingress
    this.#resources = resources
    this.#log = log
    this.#part = part
  }

  /** By name of the entrypoint, which counts if a section is called like it. */
  addresses(): ReadonlyMap<string, BoundAddress> {
    const ownLast = this.#current.toSorted((a, b) => Number(isOwn(a)) - Number(isOwn(b)))
    const addresses = new Map<string, BoundAddress>()
    for (const { plan, bound } of ownLast) {
      if (!addresses.has(plan.name)) addresses.set(plan.name, bound)
    }
    return addresses
  }

  /**
   * Makes the servers of a configuration, and binds none. One that is kept with other settings is
   * made as well, to see that it can be.
   */
  stage(
    plans: readonly EntrypointPlan[],
    refuse: (plan: EntrypointPlan, error: unknown) => void,
  ): StagedListeners {
    const kept = new Map<EntrypointPlan, Listener>()
    const made: Made[] = []
    const tried = new Map<EntrypointPlan, Made>()
    for (const plan of plans) {
      const existing = this.#current.find((listener) => isSamePlace(listener.plan, plan))
      if (existing !== undefined) kept.set(plan, existing)
      if (existing !== undefined && isSame(existing.plan, plan)) continue
      try {
        const server = this.#make(plan)
        if (existing === undefined) made.push(server)
        else tried.set(plan, server)
      } catch (error) {
        refuse(plan, error)
      }
    }
    let inPlace = false
    return {
      bind: async () => {
        const keptOnes = new Set(kept.values())
        const leaving = this.#current.filter((listener) => !keptOnes.has(listener))
        const bound = await this.#bind(made, leaving)
        return (drainTimeoutMs) => {
          inPlace = true
          this.#current = plans.flatMap((plan): Listener[] => {
            const existing = kept.get(plan)
            if (existing === undefined) return bound.filter((listener) => listener.plan === plan)
            return [this.#reconfigure(existing, plan, tried.get(plan))]
          })
          for (const { holdings } of bound) holdings.activate()
          for (const listener of leaving) void this.#drain(listener, drainTimeoutMs)
        }
      },
      discard: async () => {
        if (inPlace) return
        await Promise.all([...made, ...tried.values()].map(({ holdings }) => holdings.dispose()))
      },
    }
  }

  /**
   * Stops all of them; comes back when the last exchange has ended or was cut off. What sections
   * listen on goes on until then, since it may tell how that gets on.
   */
  async drainAll(timeoutMs: number, idleMs: number): Promise<void> {
    const leaving = this.#current
    this.#current = leaving.filter(isOwn)
    for (const listener of leaving)
      if (!isOwn(listener)) void this.#drain(listener, timeoutMs, idleMs)
    await Promise.all(this.#draining)
    const last = this.#current
    this.#current = []
    await Promise.all(last.map((listener) => this.#drain(listener, lastTimeoutMs)))
  }

  #make(plan: EntrypointPlan): Made {
    const { name, factory, address, options, folder } = plan
    const log = this.#log.child({ entrypoint: name })
    const holdings = new Holdings(this.#resources, log)
    const scope = new LiveScope({
      name,
      log,
      holdings,
      part: this.#part,
      observers: new StepObservers(),
      folder,
      plugin: ownerOfFactory(factory),
      // The server outlives the configuration for which it was made.
      services: () => this.#ingress.snapshot.services,
    })
    const server = factory.create(address, options, this.#ingress, scope)
    checkMethod(server, 'listen', titleOfFactory(factory))
    return { plan, server, scope, holdings }
  }

  async #bind(made: readonly Made[], leaving: readonly Listener[]): Promise<Listener[]> {
    const inTheWay = leaving.filter((listener) =>
      made.some(({ plan }) => conflicts(plan, listener.plan)),
    )
    const released: Listener[] = []
    const bound: Listener[] = []
    try {
      for (const listener of inTheWay) {
        released.push(listener)
        await attempted(listener.plan, () => listener.server.release())
      }
      const outcomes = await Promise.allSettled(
        made.map(async (one) => ({
          ...one,
          bound: await attempted(one.plan, () => asNobody(() => one.server.listen())),
        })),
      )
      for (const outcome of outcomes) if (outcome.status === 'fulfilled') bound.push(outcome.value)
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      return bound
    } catch (error) {
      await Promise.all(bound.map((listener) => this.#drain(listener, 0)))
      await Promise.all(released.map((listener) => this.#reopen(listener)))
      throw error
    }
  }

  /** Has a server go on with what was found to work, and lets go of what it held before. */
  #reconfigure(existing: Listener, plan: EntrypointPlan, tried: Made | undefined): Listener {
    if (tried === undefined) return { ...existing, plan }
    const { scope, holdings } = tried
    try {
      existing.server.configure(plan.options, plan.name, scope)
    } catch (error) {
      this.#log.error({ err: error, entrypoint: plan.name }, 'entrypoint kept its old settings')
      void holdings.dispose()
      return { ...existing, plan }
    }
    holdings.activate()
    void existing.holdings.dispose()
    return { ...existing, plan, scope, holdings }
  }

  async #reopen({ plan, server }: Listener): Promise<void> {
    try {
      await attempted(plan, () => asNobody(() => server.listen()))
    } catch (error) {
      this.#log.error({ entrypoint: plan.name, problem: problemOf(error) }, 'entrypoint is lost')
    }
  }

  /** Never rejects. */
  #drain(listener: Listener, timeoutMs: number, idleMs: number = 0): Promise<void> {
    const done = this.#drained(listener, timeoutMs, idleMs).finally(() =>
      this.#draining.delete(done),
    )
    this.#draining.add(done)
    return done
  }

  async #drained(
    { plan, server, holdings }: Listener,
    timeoutMs: number,
    idleMs: number,
  ): Promise<void> {
    const controller = new AbortController()
    const cutOff = (): void => controller.abort(errors.GW_DRAINING())
    const timer = timeoutMs > 0 ? setTimeout(cutOff, timeoutMs) : undefined
    if (timer === undefined) cutOff()
    try {
      await inTime(
        server.drain(controller.signal, idleMs),
        timeoutMs + cutOffTimeoutMs,
        () => new Error('connections are left that cannot be cut off'),
      )
    } catch (error) {
      this.#log.error({ err: error, entrypoint: plan.name }, 'draining failed')
    } finally {
      clearTimeout(timer)
      await holdings.dispose()
    }
  }
}

/** True if a section brought it. */
function isOwn({ plan }: Listener): boolean {
  return plan.path[0] !== 'entrypoints'
}

function isSamePlace(a: EntrypointPlan, b: EntrypointPlan): boolean {
  const sameAddress = a.address.host === b.address.host && a.address.port === b.address.port
  // Port 0 is another port each time, so there the name tells which one is meant.
  const named = a.address.port !== 0 || a.name === b.name
  const sameKind = a.factory.type === b.factory.type && a.path[0] === b.path[0]
  return sameKind && sameAddress && named
}

function conflicts(a: EntrypointPlan, b: EntrypointPlan): boolean {
  return a.factory.network === b.factory.network && addressesConflict(a.address, b.address)
}

/** Relative paths mean other files if they begin in another folder. */
function isSame(a: EntrypointPlan, b: EntrypointPlan): boolean {
  const sameOptions = canonicalJson(a.options) === canonicalJson(b.options)
  return sameOptions && a.name === b.name && a.folder === b.folder
}

/** Runs what a server does with its address, and names the entrypoint if it fails. */
async function attempted<T>(plan: EntrypointPlan, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw listenFailure(plan, error)
  }
}

function listenFailure(plan: EntrypointPlan, reason: unknown): GatewayError {
  const { name: entrypoint, addressText: address, path } = plan
  const inUse = reason instanceof Error && 'code' in reason && reason.code === 'EADDRINUSE'
  const options = { cause: reason, option: [...path, 'address'] }
  if (inUse) return errors.GW_ADDRESS_IN_USE({ entrypoint, address }, options)
  const problem = problemOf(reason)
  return errors.GW_LISTEN_FAILED({ entrypoint, address, problem }, options)
}
