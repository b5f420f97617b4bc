import { consumerKey } from '@gatewright/identity'
import { type Exchange, RequestContext, type Scope, StreamContext } from '@gatewright/kernel'
import { commonLine } from './common-format.ts'
import { Destination } from './destination.ts'
import { JsonLines } from './json-lines.ts'
import type { AccessLogOptions } from './options.ts'
import { ToldPath } from './query.ts'
import { Selection } from './selection.ts'

/** Writes a line for every exchange. */
export class AccessLog implements Disposable {
  readonly #options: AccessLogOptions
  readonly #destination: Destination
  readonly #selection: Selection
  readonly #lines: JsonLines
  readonly #path: ToldPath

  constructor(options: AccessLogOptions, scope: Pick<Scope, 'log' | 'resolvePath'>) {
    const { output, buffer_bytes: bufferBytes } = options
    const standard = output === 'stdout' || output === 'stderr'
    const path = standard ? output : scope.resolvePath(output)
    this.#options = options
    this.#destination = new Destination(path, bufferBytes, scope.log)
    this.#selection = new Selection(options)
    this.#lines = new JsonLines(options, scope.log)
    this.#path = new ToldPath(options.include_query, options.redact_query)
  }

  /** Lines that were dropped since nothing could be written. */
  get dropped(): number {
    return this.#destination.dropped
  }

  /** From now on lines are written. */
  open(): void {
    this.#destination.open()
  }

  /** Writes what waits, which is done by itself within a second. */
  flush(): void {
    this.#destination.flush()
  }

  /** Opens its file again. */
  reopen(): void {
    this.#destination.reopen()
  }

  ended(exchange: Exchange): void {
    const endedAt = performance.now()
    if (exchange instanceof RequestContext) this.#request(exchange, endedAt)
    else if (exchange instanceof StreamContext && this.#options.format === 'json') {
      this.#destination.write(this.#lines.ofStream(exchange, endedAt))
    }
  }

  [Symbol.dispose](): void {
    this.#destination[Symbol.dispose]()
  }

  #request(ctx: RequestContext, endedAt: number): void {
    if (!this.#selection.includes(ctx, ctx.status, endedAt - ctx.startedAt)) return
    const { format } = this.#options
    if (format === 'json') return this.#destination.write(this.#lines.ofRequest(ctx, endedAt))
    const path = this.#path.of(ctx.request.head.target)
    const user = ctx.get(consumerKey)?.name
    this.#destination.write(`${commonLine(ctx, path, user, format === 'combined')}\n`)
  }
}
