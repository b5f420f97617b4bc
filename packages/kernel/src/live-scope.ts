import type { Logger } from 'pino'
import { errors } from './errors.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { Scope } from './scope.ts'
import type { Service } from './service.ts'

/** The scope of one block of one snapshot. */
export class LiveScope implements Scope {
  readonly name: string
  readonly log: Logger
  readonly dryRun: boolean
  readonly #snapshot: LiveSnapshot

  constructor(snapshot: LiveSnapshot, name: string, log: Logger, dryRun = false) {
    this.#snapshot = snapshot
    this.name = name
    this.log = log
    this.dryRun = dryRun
  }

  service(name: string): Service {
    const service = this.#snapshot.services.get(name)
    if (service !== undefined) return service
    throw errors.GW_INTERNAL({ problem: `"${this.name}" asks for the unknown service "${name}"` })
  }

  keep<T extends Disposable | AsyncDisposable>(key: string, create: () => T): T {
    return this.#snapshot.keep(key, create)
  }

  onActivate(fn: () => void): void {
    this.#snapshot.onActivate(fn)
  }

  defer(fn: () => void | Promise<void>): void {
    this.#snapshot.defer(fn)
  }
}
