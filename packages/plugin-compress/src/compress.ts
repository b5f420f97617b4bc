import {
  defineMiddleware,
  type GatewayResponse,
  type HeaderList,
  type MiddlewareFactory,
  type RequestContext,
} from '@gatewright/kernel'
import { AcceptEncoding } from './accept-encoding.ts'
import { createEncoder, type Encoder } from './encoder.ts'
import { flushEvents, flushPauses } from './flushing.ts'
import { MediaTypes, mediaTypeIn } from './media-types.ts'
import { type Coding, type CompressOptions, schema } from './options.ts'

/** They describe the bytes of the body, or parts of them, which will be others. */
const bodyFields = ['accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']

/** The `compress` middleware type. Looks at response heads without waiting for anything. */
export const compress: MiddlewareFactory<CompressOptions> = defineMiddleware({
  type: 'compress',
  schema,
  create(options) {
    const compressor = new Compressor(options)
    return { onResponse: (ctx, response) => compressor.onResponse(ctx, response) }
  },
})

class Compressor {
  readonly #options: CompressOptions
  readonly #accept: AcceptEncoding
  readonly #types: MediaTypes
  readonly #excluded: MediaTypes
  /** Bodies that are being compressed, or will be. */
  #active = 0

  constructor(options: CompressOptions) {
    this.#options = options
    this.#accept = new AcceptEncoding(options.encodings)
    this.#types = new MediaTypes(options.content_types)
    this.#excluded = new MediaTypes(options.excluded_content_types)
  }

  onResponse(ctx: RequestContext, response: GatewayResponse): undefined {
    const { method, headers: request } = ctx.request
    const { headers } = response
    const type = mediaTypeIn(headers.get('content-type') ?? '')
    if (!mayDependOnCoding(response) || !this.#isWanted(type)) return
    varyByEncoding(headers)
    // The head of an answer to HEAD, and parts of a body, are those of the body as it is.
    if (method === 'HEAD' || !response.hasBody || request.has('range')) return
    const { bodyLength = Number.POSITIVE_INFINITY } = response
    if (bodyLength < this.#options.min_bytes) return
    const coding = this.#accept.choose(request.getAll('accept-encoding').join(','))
    if (coding === undefined || this.#active >= this.#options.max_encoders) return
    this.#encode(ctx, response, coding, type)
  }

  /** Messages of gRPC are compressed one by one, by whoever makes them. */
  #isWanted(type: string): boolean {
    if (type.startsWith('application/grpc')) return false
    return this.#types.has(type) && !this.#excluded.has(type)
  }

  #encode(ctx: RequestContext, response: GatewayResponse, coding: Coding, type: string): void {
    this.#active++
    ctx.defer(() => this.#active--)
    let encoder: Encoder | undefined
    if (type === 'text/event-stream') flushEvents(response, () => encoder)
    else if (response.bodyLength === undefined) {
      flushPauses(ctx, response, () => encoder, this.#options.flush_interval)
    }
    response.transformBody(() => {
      encoder = createEncoder(coding, this.#options.level)
      return encoder.stream
    })
    describeEncoded(response.headers, coding)
  }
}

/** False for what has no body of its own, and for bodies that nobody may change. */
function mayDependOnCoding({ status, headers, upgrade }: GatewayResponse): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) {
    return false
  }
  if (upgrade !== undefined || headers.has('content-range')) return false
  const coding = headers.get('content-encoding')
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') return false
  return !headers
    .getAll('cache-control')
    .some((value) => /(?:^|[\s,])no-transform(?:$|[\s,])/i.test(value))
}

/** Caches must not give a coding to clients that do not understand it (RFC 9110 section 12.5.5). */
function varyByEncoding(headers: HeaderList): void {
  const names = headers.getAll('vary').flatMap((value) => value.split(','))
  const known = names.some((name) => ['*', 'accept-encoding'].includes(name.trim().toLowerCase()))
  if (!known) headers.append('vary', 'Accept-Encoding')
}

function describeEncoded(headers: HeaderList, coding: Coding): void {
  headers.set('content-encoding', coding)
  for (const name of bodyFields) headers.delete(name)
  const tag = headers.get('etag')?.trim()
  // The same content, but not the same bytes (RFC 9110 section 8.8.1).
  if (tag?.startsWith('"') === true) headers.set('etag', `W/${tag}`)
}
