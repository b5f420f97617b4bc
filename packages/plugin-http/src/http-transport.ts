import {
  defaultLimits,
  PipelinedPool,
  type PipelineSettings,
  UpstreamPool,
  type UpstreamSettings,
} from '@gatewright/http1'
import type {
  Attempt,
  Awaitable,
  Endpoint,
  GatewayResponse,
  RequestContext,
  Transport,
  TransportFactory,
} from '@gatewright/kernel'
import { deadlines, heads, io } from './environment.ts'
import { defaultPipeline, type HttpTransportOptions, transportSchema } from './options.ts'

/** The transport for `http://` servers. Connections survive a reload that keeps its options. */
export const httpTransport: TransportFactory<HttpTransportOptions> = {
  type: 'http1',
  schemes: ['http'],
  schema: transportSchema,
  create(options, service, scope) {
    const key = `http1:${service.name}:${JSON.stringify(options)}`
    return scope.keep(
      key,
      () => new HttpTransport(settingsOf(options, scope.share), pipelineOf(options)),
    )
  },
}

type Pool = UpstreamPool | PipelinedPool

/** Connections to the endpoints of one service. */
export class HttpTransport implements Transport, Disposable {
  readonly #settings: UpstreamSettings
  readonly #pipeline: PipelineSettings | undefined
  readonly #pools = new Map<Endpoint, Pool>()
  #disposed = false

  constructor(settings: UpstreamSettings, pipeline?: PipelineSettings) {
    this.#settings = settings
    this.#pipeline = pipeline
  }

  /** Endpoints to which there are connections, or were a moment ago. */
  get pools(): number {
    return this.#pools.size
  }

  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse> {
    return this.#poolOf(attempt.endpoint).send(ctx, attempt)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    for (const pool of this.#pools.values()) pool[Symbol.dispose]()
    this.#pools.clear()
  }

  #poolOf(endpoint: Endpoint): Pool {
    const known = this.#pools.get(endpoint)
    if (known !== undefined) return known
    this.#forgetUnused()
    const pool = this.#makePool(endpoint.url)
    if (this.#disposed) pool[Symbol.dispose]()
    else this.#pools.set(endpoint, pool)
    return pool
  }

  #makePool(url: URL): Pool {
    const environment = { limits: defaultLimits, deadlines, heads, io }
    return this.#pipeline === undefined
      ? new UpstreamPool(url, this.#settings, environment)
      : new PipelinedPool(url, this.#settings, this.#pipeline, environment)
  }

  /** Endpoints come and go; their pools must not pile up. */
  #forgetUnused(): void {
    for (const [endpoint, pool] of this.#pools) if (pool.unused) this.#pools.delete(endpoint)
  }
}

/** @param share Which part of the connections is this gateway's; rounded up, so that it has one. */
function settingsOf(options: HttpTransportOptions, share: number): UpstreamSettings {
  return {
    connectTimeoutMs: options.connect_timeout,
    responseTimeoutMs: options.request_timeout,
    idleTimeoutMs: options.stream_idle_timeout,
    totalTimeoutMs: options.stream_total_timeout,
    maxConnections: Math.ceil(options.max_connections_per_server * share),
    maxWaiting: Math.ceil(options.max_waiting_per_server * share),
    passHostHeader: options.pass_host_header,
  }
}

function pipelineOf({ pipeline }: HttpTransportOptions): PipelineSettings | undefined {
  if (pipeline === false) return undefined
  const {
    connections,
    depth,
    head_of_line: headOfLineMs,
  } = pipeline === true ? defaultPipeline : pipeline
  return { connections, depth, headOfLineMs }
}
