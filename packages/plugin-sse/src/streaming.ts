import {
  type Attempt,
  defineServiceFeature,
  type GatewayResponse,
  passPiecesOn,
  type RequestContext,
  type ServiceFeature,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { type StreamingOptions, schema } from './options.ts'
import { type StreamBounds, TimedStream } from './timed-stream.ts'

/** The `streaming` block of a service. */
export const streaming: ServiceFeatureFactory<StreamingOptions> = defineServiceFeature({
  type: 'streaming',
  parent: 'service',
  schema,
  // It only looks at responses of attempts, before anything else does.
  stage: 0,
  create: (options) => new Streaming(options),
})

/** Recognises streams by their media type. */
class Streaming implements ServiceFeature {
  readonly #types: ReadonlySet<string>
  readonly #bounds: StreamBounds
  readonly #disablesBuffering: boolean

  constructor(options: StreamingOptions) {
    const { idle_timeout: idleMs, total_timeout: totalMs } = options
    this.#types = new Set(options.content_types.map((type) => type.toLowerCase()))
    this.#bounds = { firstByteMs: options.first_byte_timeout ?? idleMs, idleMs, totalMs }
    this.#disablesBuffering = options.disable_buffering
  }

  onResponse(ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void {
    const { headers } = response
    const type = headers.get('content-type')
    if (type === undefined || !this.#types.has(mediaTypeIn(type))) return
    if (this.#disablesBuffering) headers.set('x-accel-buffering', 'no')
    ctx.set(passPiecesOn, true)
    attempt.bodyIsTimed = true
    response.wrapBody((source) => new TimedStream(source, this.#bounds, ctx, attempt))
  }
}

/** Without parameters (RFC 9110 section 8.3.1). */
function mediaTypeIn(field: string): string {
  const end = field.indexOf(';')
  return (end < 0 ? field : field.slice(0, end)).trim().toLowerCase()
}
