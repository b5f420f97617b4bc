import type { Logger } from 'pino'
import { addressesConflict } from './address.ts'
import type { EntrypointPlan } from './blueprint.ts'
import { canonicalJson } from './canonical.ts'
import { errors } from './errors.ts'
import { type GatewayError, problemOf } from './gateway-error.ts'
import { LiveScope } from './live-scope.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { Ingress, ProtocolServer } from './protocol.ts'

/** Where an entrypoint really listens. */
export interface BoundAddress {
  readonly address: string
  readonly port: number
}

interface Listener {
  readonly plan: EntrypointPlan
  readonly server: ProtocolServer
  readonly bound: BoundAddress
}

/** Listeners that are bound for a configuration which is not active yet. */
export interface PreparedListeners {
  /** Puts them in place of the present ones; those that no configuration names drain. */
  commit(drainTimeoutMs: number): void
  /** Closes what was bound and opens again what was closed for it. */
  rollBack(): Promise<void>
}

/** The entrypoints that listen. One with the same protocol and address is kept over a reload. */
export class Listeners {
  readonly #ingress: Ingress
  readonly #log: Logger
  #current: readonly Listener[] = []
  readonly #draining = new Set<Promise<void>>()

  constructor(ingress: Ingress, log: Logger) {
    this.#ingress = ingress
    this.#log = log
  }

  /** By name of the entrypoint. */
  addresses(): ReadonlyMap<string, BoundAddress> {
    return new Map(this.#current.map(({ plan, bound }) => [plan.name, bound]))
  }

  /** Binds what is new. Throws GW_ADDRESS_IN_USE or GW_LISTEN_FAILED, with nothing changed. */
  async prepare(snapshot: LiveSnapshot): Promise<PreparedListeners> {
    const plans = snapshot.blueprint.entrypoints
    const kept = new Map<EntrypointPlan, Listener>()
    for (const plan of plans) {
      const existing = this.#current.find((listener) => isSamePlace(listener.plan, plan))
      if (existing !== undefined) kept.set(plan, existing)
    }
    const leaving = this.#current.filter((listener) => ![...kept.values()].includes(listener))
    const released: Listener[] = []
    const made = plans
      .filter((plan) => !kept.has(plan))
      .map((plan) => ({ plan, server: this.#createServer(plan, snapshot) }))
    for (const listener of leaving) {
      const inTheWay = made.some(({ plan }) => conflicts(plan, listener.plan))
      if (!inTheWay) continue
      await listener.server.release()
      released.push(listener)
    }
    const outcomes = await Promise.allSettled(made.map(({ server }) => server.listen()))
    const bound: Listener[] = []
    let failure: GatewayError | undefined
    for (const [index, outcome] of outcomes.entries()) {
      const entry = made[index]
      if (entry === undefined) continue
      if (outcome.status === 'fulfilled') bound.push({ ...entry, bound: outcome.value })
      else failure ??= listenFailure(entry.plan, outcome.reason)
    }
    const rollBack = async (): Promise<void> => {
      await Promise.all(bound.map(({ server }) => server.drain(AbortSignal.abort())))
      await Promise.all(released.map((listener) => this.#reopen(listener)))
    }
    if (failure !== undefined) {
      await rollBack()
      throw failure
    }
    return {
      rollBack,
      commit: (drainTimeoutMs) => {
        this.#current = plans.flatMap((plan): Listener[] => {
          const existing = kept.get(plan)
          if (existing === undefined) return bound.filter((listener) => listener.plan === plan)
          this.#reconfigure(existing, plan)
          return [{ ...existing, plan }]
        })
        for (const { server } of leaving) this.#drain(server, drainTimeoutMs)
      },
    }
  }

  /** Stops all of them; comes back when the last exchange has ended or was cut off. */
  async drainAll(timeoutMs: number): Promise<void> {
    const leaving = this.#current
    this.#current = []
    for (const { server } of leaving) this.#drain(server, timeoutMs)
    await Promise.all(this.#draining)
  }

  #createServer(plan: EntrypointPlan, snapshot: LiveSnapshot): ProtocolServer {
    const log = this.#log.child({ entrypoint: plan.name })
    const scope = new LiveScope(snapshot, plan.name, log)
    return plan.factory.create(plan.address, plan.options, this.#ingress, scope)
  }

  #reconfigure({ plan: previous, server }: Listener, plan: EntrypointPlan): void {
    const same = previous.name === plan.name && optionsText(previous) === optionsText(plan)
    if (same) return
    try {
      server.configure(plan.options, plan.name)
    } catch (error) {
      this.#log.error({ err: error, entrypoint: plan.name }, 'entrypoint kept its old settings')
    }
  }

  async #reopen({ plan, server }: Listener): Promise<void> {
    try {
      await server.listen()
    } catch (error) {
      const { message } = listenFailure(plan, error)
      this.#log.error({ entrypoint: plan.name, problem: message }, 'entrypoint is lost')
    }
  }

  #drain(server: ProtocolServer, timeoutMs: number): void {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(errors.GW_DRAINING()), timeoutMs)
    const done = server
      .drain(controller.signal)
      .catch((error: unknown) => this.#log.error({ err: error }, 'draining failed'))
      .finally(() => {
        clearTimeout(timer)
        this.#draining.delete(done)
      })
    this.#draining.add(done)
  }
}

function isSamePlace(a: EntrypointPlan, b: EntrypointPlan): boolean {
  const sameAddress = a.address.host === b.address.host && a.address.port === b.address.port
  // Port 0 is another port each time, so there the name tells which one is meant.
  const named = a.address.port !== 0 || a.name === b.name
  return a.factory.type === b.factory.type && sameAddress && named
}

function conflicts(a: EntrypointPlan, b: EntrypointPlan): boolean {
  return a.factory.network === b.factory.network && addressesConflict(a.address, b.address)
}

function optionsText({ options }: EntrypointPlan): string {
  return canonicalJson(options)
}

function listenFailure(plan: EntrypointPlan, reason: unknown): GatewayError {
  const { name: entrypoint, addressText: address } = plan
  const inUse = reason instanceof Error && 'code' in reason && reason.code === 'EADDRINUSE'
  if (inUse) return errors.GW_ADDRESS_IN_USE({ entrypoint, address }, { cause: reason })
  const problem = problemOf(reason)
  return errors.GW_LISTEN_FAILED({ entrypoint, address, problem }, { cause: reason })
}
