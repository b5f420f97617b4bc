import {
  defineMiddleware,
  type GatewayRequest,
  type GatewayResponse,
  type HeaderList,
  type MiddlewareFactory,
  passPiecesOn,
  type RequestContext,
} from '@gatewright/kernel'
import { AcceptEncoding } from './accept-encoding.ts'
import { createEncoder, type Encoder } from './encoder.ts'
import { flushEvents, flushPauses } from './flushing.ts'
import { MediaTypes, mediaTypeIn } from './media-types.ts'
import { type Coding, type CompressOptions, schema } from './options.ts'
import { RunningEncoders } from './running-encoders.ts'
import { mayTellSecrets } from './secrets.ts'

/** They describe the bytes of the body, or parts of them, which will be others. */
const bodyFields = ['accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']

/** Types whose pieces matter by themselves. */
const streams: ReadonlySet<string> = new Set([
  'text/event-stream',
  'application/x-ndjson',
  'application/stream+json',
])

/** The `compress` middleware type. Looks at response heads without waiting for anything. */
export const compress: MiddlewareFactory<CompressOptions> = defineMiddleware({
  type: 'compress',
  schema,
  create(options, scope) {
    const running = scope.keep(`compress:${scope.name}`, () => new RunningEncoders())
    const compressor = new Compressor(options, running)
    return { onResponse: (ctx, response) => compressor.onResponse(ctx, response) }
  },
})

class Compressor {
  readonly #options: CompressOptions
  readonly #accept: AcceptEncoding
  readonly #types: MediaTypes
  readonly #excluded: MediaTypes
  readonly #running: RunningEncoders

  constructor(options: CompressOptions, running: RunningEncoders) {
    this.#options = options
    this.#running = running
    this.#accept = new AcceptEncoding(options.encodings)
    this.#types = new MediaTypes(options.content_types)
    this.#excluded = new MediaTypes(options.excluded_content_types)
  }

  onResponse(ctx: RequestContext, response: GatewayResponse): undefined {
    const { request } = ctx
    const { headers } = response
    const type = mediaTypeIn(headers.get('content-type') ?? '')
    if (!mayDependOnCoding(response) || !this.#isWanted(type)) return
    varyByEncoding(headers)
    const coding = this.#codingFor(request, response)
    if (coding === undefined) return
    if (request.method === 'HEAD') {
      // What GET would be told, but for a length that nobody knows (RFC 9110 section 9.3.2).
      headers.delete('content-length')
      describeEncoded(headers, coding)
    } else if (response.hasBody && this.#running.count < this.#options.max_encoders) {
      this.#encode(ctx, response, coding, type)
    }
  }

  /** `undefined` if the body is to stay as it is for this request. */
  #codingFor(request: GatewayRequest, response: GatewayResponse): Coding | undefined {
    const { method, headers } = request
    // Parts of a body are those of the body as it is.
    if (headers.has('range')) return undefined
    const length = method === 'HEAD' ? statedLength(response.headers) : response.bodyLength
    if (length !== undefined && length < this.#options.min_bytes) return undefined
    if (this.#options.breach_mitigation && mayTellSecrets(request, response.headers)) {
      return undefined
    }
    return this.#accept.choose(headers.getAll('accept-encoding').join(','))
  }

  /** Messages of gRPC are compressed one by one, by whoever makes them. */
  #isWanted(type: string): boolean {
    if (type.startsWith('application/grpc')) return false
    return this.#types.has(type) && !this.#excluded.has(type)
  }

  #encode(ctx: RequestContext, response: GatewayResponse, coding: Coding, type: string): void {
    const running = this.#running
    running.add()
    ctx.defer(() => running.remove())
    let encoder: Encoder | undefined
    if (streams.has(type) || ctx.get(passPiecesOn) === true) flushEvents(response, () => encoder)
    else if (response.bodyLength === undefined) {
      flushPauses(ctx, response, () => encoder, this.#options.flush_interval)
    }
    // Those of the body as it is now, which come before the encoder ends. What breaks off has none.
    response.trailers.then(describeOtherBytes, () => undefined)
    response.transformBody(() => {
      encoder = createEncoder(coding, this.#options.level)
      return encoder.stream
    })
    describeEncoded(response.headers, coding)
  }
}

/** `undefined` if it is not stated, or no number. */
function statedLength(headers: HeaderList): number | undefined {
  const value = headers.get('content-length')
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** False for what has no body of its own, and for bodies that nobody may change. */
function mayDependOnCoding({ status, headers, upgrade }: GatewayResponse): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) {
    return false
  }
  if (upgrade !== undefined || headers.has('content-range')) return false
  if (isEncoded(headers)) return false
  return !headers
    .getAll('cache-control')
    .some((value) => /(?:^|[\s,])no-transform(?:$|[\s,])/i.test(value))
}

/** Each line and each of its elements adds a coding (RFC 9110 sections 5.3 and 8.4). */
function isEncoded(headers: HeaderList): boolean {
  return headers
    .getAll('content-encoding')
    .flatMap((value) => value.split(','))
    .some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase()))
}

/** Caches must not give a coding to clients that do not understand it (RFC 9110 section 12.5.5). */
function varyByEncoding(headers: HeaderList): void {
  const names = headers.getAll('vary').flatMap((value) => value.split(','))
  const known = names.some((name) => ['*', 'accept-encoding'].includes(name.trim().toLowerCase()))
  if (!known) headers.append('vary', 'Accept-Encoding')
}

function describeEncoded(headers: HeaderList, coding: Coding): void {
  headers.set('content-encoding', coding)
  describeOtherBytes(headers)
}

function describeOtherBytes(headers: HeaderList): void {
  for (const name of bodyFields) headers.delete(name)
  const tag = headers.get('etag')?.trim()
  // The same content, but not the same bytes (RFC 9110 section 8.8.1).
  if (tag?.startsWith('"') === true) headers.set('etag', `W/${tag}`)
}
