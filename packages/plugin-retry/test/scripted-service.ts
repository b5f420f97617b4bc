import {
  type Awaitable,
  type Body,
  type BodySource,
  type Connection,
  RequestContext as Context,
  compileChain,
  type GatewayError,
  GatewayRequest,
  GatewayResponse,
  HeaderList,
  isGatewayError,
  type Middleware,
  type RequestContext,
  type Scope,
  type Snapshot,
} from '@gatewright/kernel'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import { type RetryOptions, retry } from '../src/index.ts'

/** A status, a failure, or whatever the function makes of the try. */
export type Outcome = number | GatewayError | ((ctx: RequestContext) => Awaitable<GatewayResponse>)

/** What a request is, if a test does not say otherwise: `GET /`. */
export interface RequestParts {
  readonly method?: string
  readonly fields?: string[]
  readonly upgrade?: string
  readonly body?: Body | BodySource
}

/** The `retry` middleware in front of a service that answers from a script. */
export class ScriptedService {
  readonly logs: RecordedLogs = recordLogs()
  /** The context of each try, in their order. */
  readonly tries: RequestContext[] = []
  readonly kept: Map<string, Disposable | AsyncDisposable>
  readonly #middleware: Middleware
  readonly #script: Outcome[]

  /** The last outcome of the script repeats. */
  constructor(
    script: readonly Outcome[],
    options: Partial<RetryOptions> = {},
    dryRun = false,
    kept = new Map<string, Disposable | AsyncDisposable>(),
  ) {
    this.#script = [...script]
    this.kept = kept
    const made = retry.create({ ...defaults, ...options }, this.#scope(dryRun))
    // `retry` makes its middleware at once.
    this.#middleware = made as Middleware
  }

  /** Sends a request through the middleware. */
  send(ctx: RequestContext = openRequest()): Awaitable<GatewayResponse> {
    return compileChain([{ owner: 'middleware "again"', middleware: this.#middleware }], (inner) =>
      this.#answer(inner),
    )(ctx)
  }

  #answer(ctx: RequestContext): Awaitable<GatewayResponse> {
    this.tries.push(ctx)
    const outcome = (this.#script.length > 1 ? this.#script.shift() : this.#script[0]) ?? 200
    if (typeof outcome === 'number') return new GatewayResponse({ status: outcome })
    if (isGatewayError(outcome)) return ctx.fail(outcome)
    return outcome(ctx)
  }

  #scope(dryRun: boolean): Scope {
    const { kept } = this
    const scope: Pick<Scope, 'name' | 'log' | 'dryRun' | 'keep'> = {
      name: 'again',
      log: this.logs.log,
      dryRun,
      keep<T extends Disposable | AsyncDisposable>(key: string, make: () => T): T {
        const resource = kept.get(key) ?? make()
        kept.set(key, resource)
        // One key stands for one type.
        return resource as T
      },
    }
    // `retry` may use the rest one day; then it fails here.
    return scope as Scope
  }
}

const defaults: RetryOptions = {
  max_retries: 3,
  retry_interval_ms: 100,
  max_interval_ms: 2000,
  retry_status: [502, 503, 504],
  retry_codes: [],
  retry_on_timeout: false,
  retry_non_idempotent: false,
  respect_idempotency_key: true,
  max_replay_bytes: 65_536,
  budget_percent: 20,
}

/** An exchange that no protocol server knows of. */
export function openRequest(parts: RequestParts = {}): RequestContext {
  const { method = 'GET', fields = [], upgrade, body = null } = parts
  const headers = new HeaderList(fields)
  const version = '1.1' as const
  const head = { version, method, target: '/', authority: 'localhost', headers, upgrade }
  // Neither the connection nor the snapshot is looked at.
  return new Context({} as Connection, {} as Snapshot, new GatewayRequest(head, body))
}
