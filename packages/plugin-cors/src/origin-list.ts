import type { CorsOptions } from './options.ts'
import { type OriginTest, parseOriginPattern } from './origin-pattern.ts'

/** More than any origin has; what is longer is not looked at. */
const maxLength = 300

const defaultPorts: ReadonlyMap<string, RegExp> = new Map([
  ['http', /:80$/],
  ['https', /:443$/],
])

/** The origins of one middleware, prepared for looking at many requests. */
export class OriginList {
  /** True if every origin is allowed. */
  readonly any: boolean
  readonly #origins: ReadonlySet<string>
  readonly #tests: readonly OriginTest[]

  /** Throws GW_CORS_INVALID_PATTERN. */
  constructor(options: Pick<CorsOptions, 'allowed_origins' | 'allowed_origin_patterns'>) {
    const { allowed_origin_patterns: patterns } = options
    const { allowed_origins: origins = patterns.length === 0 ? ['*'] : [] } = options
    this.any = origins.includes('*')
    this.#origins = new Set(origins.map(serialized))
    this.#tests = patterns.map((pattern, index) =>
      parseOriginPattern(pattern, ['allowed_origin_patterns', index]),
    )
  }

  allows(origin: string): boolean {
    if (this.any || this.#origins.has(origin)) return true
    if (origin === 'null' || origin.length > maxLength) return false
    return this.#tests.some((test) => test(origin))
  }
}

/** As browsers write it: lower case, without the port that the scheme has anyway. */
function serialized(origin: string): string {
  const text = origin.toLowerCase()
  const port = defaultPorts.get(text.slice(0, text.indexOf(':')))
  return port === undefined ? text : text.replace(port, '')
}
