import type { AnyOptions, Scope } from '@gatewright/kernel'
import { settles } from '../leaks/garbage.ts'
import { ResourceWatch } from '../leaks/resource-watch.ts'

/** A factory of any kind whose `create` takes the scope last. */
export interface Creator {
  create(options: AnyOptions, ...rest: AnyOptions[]): AnyOptions
}

/** Keeps account of what a factory and its instances start, keep and leave behind. */
export class Ledger implements Disposable {
  readonly watch: ResourceWatch = new ResourceWatch()
  /** How many resources were made for `scope.keep`. */
  made = 0
  #instances: WeakRef<object>[] = []

  /** The same factory, under observation. */
  observe<F extends Creator>(factory: F): F {
    const create: Creator['create'] = (options, ...rest) => {
      const scope: Scope = rest.at(-1)
      const observed = [...rest.slice(0, -1), this.#scope(scope)]
      const instance: unknown = this.watch.run(() => factory.create(options, ...observed))
      if (typeof instance === 'object' && instance !== null) {
        this.#instances.push(new WeakRef(instance))
      }
      return instance
    }
    return { ...factory, create }
  }

  /** How many different instances something still refers to. */
  reachable(): number {
    const present = this.#instances.flatMap((instance) => instance.deref() ?? [])
    return new Set(present).size
  }

  /** Waits until no more than so many of the started things are there. Throws GW_TESTING_FINDING. */
  async settled(live: number): Promise<void> {
    await settles(
      () => this.watch.live.length <= live,
      () => `${this.watch.live.length} started things are there: ${this.watch.live.join(', ')}`,
    )
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]()
  }

  #scope(scope: Scope): Scope {
    return {
      name: scope.name,
      log: scope.log,
      dryRun: scope.dryRun,
      share: scope.share,
      sharedSecret: scope.sharedSecret,
      peers: scope.peers,
      resolvePath: (path) => scope.resolvePath(path),
      service: (name) => scope.service(name),
      keep: (key, create) =>
        scope.keep(key, () => {
          this.made++
          return this.watch.run(create)
        }),
      onActivate: (fn) => scope.onActivate(() => this.watch.run(fn)),
      onDeactivate: (fn) => scope.onDeactivate(fn),
      observeSteps: (observer) => scope.observeSteps(observer),
      defer: (fn) => scope.defer(fn),
      use: (resource) => scope.use(resource),
      get signal() {
        return scope.signal
      },
      setInterval: (fn, ms) => scope.setInterval(fn, ms),
      setTimeout: (fn, ms) => scope.setTimeout(fn, ms),
    }
  }
}
