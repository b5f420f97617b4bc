import type { RequestContext } from '@gatewright/kernel'
import type { AccessLogOptions } from './options.ts'

/** Which requests are told. */
export class Selection {
  readonly #ranges: readonly (readonly [number, number])[]
  readonly #minMs: number
  readonly #rate: number
  readonly #paths: ReadonlySet<string>
  readonly #prefixes: readonly string[]
  readonly #routers: ReadonlySet<string>
  /** Goes up to 1 with each request; then one is told. */
  #due = 0

  constructor(options: AccessLogOptions) {
    this.#ranges = options.status_codes.map((text) => {
      const [from = '', to = from] = text.split('-')
      return [Number(from), Number(to)]
    })
    this.#minMs = options.min_duration
    this.#rate = options.sample_rate
    this.#paths = new Set(options.exclude_paths.filter((path) => !path.endsWith('/')))
    this.#prefixes = options.exclude_paths.filter((path) => path.endsWith('/'))
    this.#routers = new Set(options.exclude_routers)
  }

  /** @param status As it is told. */
  includes({ request, route }: RequestContext, status: number, durationMs: number): boolean {
    if (route !== undefined && this.#routers.has(route.router)) return false
    if (this.#isExcluded(request.head.target)) return false
    if (
      this.#ranges.length > 0 &&
      !this.#ranges.some(([from, to]) => from <= status && status <= to)
    ) {
      return false
    }
    if (status >= 400) return true
    if (durationMs < this.#minMs) return false
    this.#due += this.#rate
    if (this.#due < 1) return false
    this.#due -= 1
    return true
  }

  #isExcluded(target: string): boolean {
    if (this.#paths.size === 0 && this.#prefixes.length === 0) return false
    const query = target.indexOf('?')
    const path = query < 0 ? target : target.slice(0, query)
    return this.#paths.has(path) || this.#prefixes.some((prefix) => path.startsWith(prefix))
  }
}
