/**
 * Errors as data: a code, a status, a source, and whether another try makes sense.
 *
 * @module
 */
import type { ConfigPath, ConfigProblem } from './config.ts'

/** Who caused the failure. Decides the log level and a metrics label. */
export type ErrorSource = 'client' | 'upstream' | 'gateway' | 'config'

/** What every error with the same code has in common. */
export interface ErrorKind<P> {
  /** HTTP status for the client. */
  readonly status: number
  readonly source: ErrorSource
  /** True if nothing of the attempt was sent, so that any request may be sent again. */
  readonly retryable?: boolean
  /** True if a limit was reached: there is nothing wrong but how much there is to do. */
  readonly atCapacity?: boolean
  /**
   * So long after a line in the log, further failures of the kind are counted, not logged, whatever
   * they are about. Other kinds have ten seconds for each server, or what else they are about.
   */
  readonly logIntervalMs?: number
  /** `Proxy-Status` error type (RFC 9209 section 2.3), such as `connection_timeout`. */
  readonly proxyStatus?: string
  readonly message: (params: P) => string
  /**
   * Text of the member `error` in the body that the client gets. Without it the client sees the
   * message if it caused the error itself, else the reason phrase of the status.
   */
  readonly publicMessage?: string
  /** What the operator can do. Shown by the CLI and logged; never sent to the client. */
  readonly hint?: string
}

/** The error kind as code that does not know its parameters sees it. */
export type AnyErrorKind = Omit<ErrorKind<never>, 'message'>

/** How one instance differs from its kind. */
export interface GatewayErrorOptions extends ErrorOptions {
  /** HTTP status for the client in place of that of the kind, such as one that an option names. */
  readonly status?: number
  /** Overrides the kind: true if nothing of this attempt was sent. */
  readonly retryable?: boolean
  /** For configuration errors: every problem that was found. */
  readonly problems?: readonly ConfigProblem[]
  /**
   * For an error that a factory raises about its options: which of them is meant, such as
   * `['keys', 0]`. The problem is then shown where that stands, not at the whole block.
   */
  readonly option?: ConfigPath
  /** What the operator can do about this one, in place of the hint of its kind. */
  readonly hint?: string
  /** Header fields for the response to the client, such as `retry-after`: name, value, … */
  readonly headers?: readonly string[]
  /** Further members of the body that the client gets (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, string | number | boolean>>
}

const brand = Symbol.for('gatewright.error')
const none: GatewayErrorOptions = {}

/** A failure with a permanent code. Made by the functions of an error catalogue only. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  /** Stable, searchable identifier, such as `GW_UPSTREAM_RESET`. Never renamed once released. */
  readonly code: string
  readonly kind: AnyErrorKind
  /** True if the same request may be sent again, because nothing of this attempt was. */
  readonly retryable: boolean
  /** What is wrong with a configuration; empty for other errors. */
  readonly problems: readonly ConfigProblem[]
  /** Which option of a block is wrong; empty if it is the block. */
  readonly option: ConfigPath
  /** What the operator can do. */
  readonly hint: string | undefined
  /** Header fields for the response to the client: name, value, … */
  readonly headers: readonly string[]
  /** Further members of the body that the client gets. */
  readonly members: Readonly<Record<string, string | number | boolean>> | undefined
  /** HTTP status for the client. */
  readonly status: number
  readonly [brand] = true

  constructor(
    code: string,
    kind: AnyErrorKind,
    message: string,
    options: GatewayErrorOptions = none,
  ) {
    super(message, options)
    this.code = code
    this.kind = kind
    this.status = options.status ?? kind.status
    this.retryable = options.retryable ?? kind.retryable ?? false
    this.problems = options.problems ?? []
    this.option = options.option ?? []
    this.hint = options.hint ?? kind.hint
    this.headers = options.headers ?? []
    this.members = options.members
  }

  get source(): ErrorSource {
    return this.kind.source
  }
}

/** Works across duplicate copies of the kernel, unlike `instanceof`. */
export function isGatewayError(value: unknown): value is GatewayError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Functions that make the errors of one package: code → function. */
export type ErrorCatalogue<C> = {
  readonly [K in keyof C]: C[K] extends { readonly message: () => string }
    ? (params?: undefined, options?: GatewayErrorOptions) => GatewayError
    : C[K] extends ErrorKind<infer P>
      ? (params: P, options?: GatewayErrorOptions) => GatewayError
      : never
}

/**
 * Declares the errors of one package.
 *
 * @example
 * ```ts
 * const errors = defineErrors({
 *   GW_MAZE_LOST: {
 *     status: 503,
 *     source: 'upstream',
 *     message: (p: { turns: number }) => `lost after ${p.turns} turns`,
 *   },
 * })
 * throw errors.GW_MAZE_LOST({ turns: 7 })
 * ```
 */
export function defineErrors<const C extends Readonly<Record<`GW_${string}`, ErrorKind<never>>>>(
  catalogue: C,
): ErrorCatalogue<C> {
  const makers: Record<string, unknown> = {}
  for (const [code, kind] of Object.entries(catalogue)) {
    // An error's stack costs microseconds; those of the request path are answers, not bugs.
    makers[code] = (params: never, options?: GatewayErrorOptions): GatewayError =>
      kind.source === 'gateway' || kind.source === 'config'
        ? new GatewayError(code, kind, kind.message(params), options)
        : withoutStack(() => new GatewayError(code, kind, kind.message(params), options))
  }
  // Built key by key from the catalogue.
  return makers as ErrorCatalogue<C>
}

function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** One line that says what was thrown, whatever it was. */
export function problemOf(error: unknown): string {
  if (error instanceof Error) {
    // All that Node's fetch says of itself is that it failed.
    if (error.message === 'fetch failed' && error.cause instanceof Error) {
      return `fetch failed: ${problemOf(error.cause)}`
    }
    return error.message === '' ? error.name : error.message
  }
  try {
    return String(error)
  } catch {
    // An object without a usable toString was thrown.
    return 'an unprintable value'
  }
}

const logLevels: Readonly<Record<ErrorSource, 'debug' | 'warn' | 'error'>> = {
  client: 'debug',
  upstream: 'warn',
  gateway: 'error',
  config: 'error',
}

/** How loud a failure is logged, by whose it is: what clients do is nothing to be woken up for. */
export function logLevelOf(source: ErrorSource): 'debug' | 'warn' | 'error' {
  return logLevels[source]
}
