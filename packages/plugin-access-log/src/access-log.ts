import { consumerKey } from '@gatewright/identity'
import { type Exchange, RequestContext, type Scope, StreamContext } from '@gatewright/kernel'
import { commonLine } from './common-format.ts'
import { Destination } from './destination.ts'
import type { AccessLogOptions } from './options.ts'
import { ToldPath } from './query.ts'
import { type AccessRecord, Recorder } from './record.ts'
import { Selection } from './selection.ts'

/** Writes a line for every exchange. */
export class AccessLog implements Disposable {
  readonly #options: AccessLogOptions
  readonly #destination: Destination
  readonly #selection: Selection
  readonly #recorder: Recorder
  readonly #path: ToldPath
  readonly #dropped: ReadonlySet<string>

  constructor(options: AccessLogOptions, scope: Pick<Scope, 'log' | 'resolvePath'>) {
    const { output, buffer_bytes: bufferBytes } = options
    const standard = output === 'stdout' || output === 'stderr'
    const path = standard ? output : scope.resolvePath(output)
    this.#options = options
    this.#destination = new Destination(path, bufferBytes, scope.log)
    this.#selection = new Selection(options)
    this.#recorder = new Recorder(options)
    this.#path = new ToldPath(options.include_query, options.redact_query)
    this.#dropped = new Set(options.drop)
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
      this.#write(this.#recorder.ofStream(exchange, endedAt))
    }
  }

  [Symbol.dispose](): void {
    this.#destination[Symbol.dispose]()
  }

  #request(ctx: RequestContext, endedAt: number): void {
    if (!this.#selection.includes(ctx, ctx.status, endedAt - ctx.startedAt)) return
    const { format } = this.#options
    if (format === 'json') return this.#write(this.#recorder.ofRequest(ctx, endedAt))
    const path = this.#path.of(ctx.request.head.target)
    const user = ctx.get(consumerKey)?.name
    this.#destination.write(`${commonLine(ctx, path, user, format === 'combined')}\n`)
  }

  #write(record: AccessRecord): void {
    const { fields } = this.#options
    for (const field of this.#dropped) delete record[field]
    const told = fields?.map((field) => [field, record[field] ?? null])
    const line = JSON.stringify(told === undefined ? record : Object.fromEntries(told))
    this.#destination.write(`${line}\n`)
  }
}
