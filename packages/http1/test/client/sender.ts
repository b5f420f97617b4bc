import {
  type Attempt,
  type Body,
  type BodySource,
  type Connection,
  type GatewayError,
  GatewayRequest,
  type GatewayResponse,
  HeaderList,
  isGatewayError,
  RequestContext,
  type Service,
  type Snapshot,
} from '@gatewright/kernel'
import {
  Deadlines,
  type Dialer,
  defaultLimits,
  HeadPool,
  PipelinedPool,
  type PipelineSettings,
  UpstreamPool,
  type UpstreamSettings,
} from '../../src/index.ts'
import { io } from '../io.ts'

/** What a test sends. */
export interface Sending {
  readonly method?: string
  readonly target?: string
  readonly headers?: readonly string[]
  readonly body?: Body | BodySource
}

/** What came of it. */
export type Outcome =
  | { readonly status: number; readonly response: GatewayResponse; readonly error: undefined }
  | { readonly status: undefined; readonly response: undefined; readonly error: GatewayError }

const patient: UpstreamSettings = {
  connectTimeoutMs: 5000,
  responseTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
  totalTimeoutMs: 3_600_000,
  maxConnections: 0,
  maxWaiting: 1024,
  passHostHeader: true,
}

/** A pool with everything that it needs of a gateway. */
export class Sender implements Disposable {
  readonly pool: UpstreamPool
  /** Used instead if requests are to share connections. */
  readonly shared: PipelinedPool | undefined
  readonly deadlines: Deadlines = new Deadlines({ exact: true })
  readonly heads: HeadPool = new HeadPool({ poison: true })
  readonly informed: number[] = []
  readonly #url: URL

  constructor(
    url: string,
    settings: Partial<UpstreamSettings> = {},
    pipeline?: PipelineSettings,
    dialer?: Dialer,
  ) {
    const { deadlines, heads } = this
    const environment = { limits: defaultLimits, deadlines, heads, io }
    const whole = { ...patient, ...settings }
    this.#url = new URL(url)
    this.pool = new UpstreamPool(this.#url, whole, environment, dialer)
    this.shared =
      pipeline === undefined
        ? undefined
        : new PipelinedPool(this.#url, whole, pipeline, environment, dialer)
  }

  /** Lets so much time pass, as far as deadlines are concerned. */
  pass(ms: number): void {
    this.deadlines.sweep(performance.now() + ms)
  }

  /**
   * Sends a request; the context can be aborted.
   * @param onResponse Called inside the callback that read the response.
   */
  begin(
    { method = 'GET', target = '/', headers = [], body = null }: Sending = {},
    onResponse: () => void = () => undefined,
  ): {
    readonly ctx: RequestContext
    readonly outcome: Promise<Outcome>
  } {
    const fields = new HeaderList(['host', 'client.example', ...headers])
    const head = {
      method,
      target,
      authority: 'client.example',
      headers: fields,
      version: '1.1' as const,
      upgrade: undefined,
    }
    const request = new GatewayRequest(head, body)
    const ctx = new RequestContext(connection, snapshot, request, (status) =>
      this.informed.push(status),
    )
    const outcome = Promise.withResolvers<Outcome>()
    const pool = this.shared ?? this.pool
    pool.send(ctx, this.#attempt(fields)).then(
      (response) => {
        onResponse()
        outcome.resolve({ status: response.status, response, error: undefined })
      },
      (reason) => outcome.resolve({ status: undefined, response: undefined, error: known(reason) }),
    )
    return { ctx, outcome: outcome.promise }
  }

  /** Sends a request and waits for the head of its response; the body is thrown away. */
  async send(sending?: Sending): Promise<Outcome> {
    const outcome = await this.begin(sending).outcome
    outcome.response?.discard()
    return outcome
  }

  /** Sends a request and reads the whole response; the result is its body as text. */
  async fetch(sending?: Sending): Promise<string> {
    const outcome = await this.begin(sending).outcome
    if (outcome.response === undefined) throw outcome.error
    return readBody(outcome.response)
  }

  [Symbol.dispose](): void {
    this.pool[Symbol.dispose]()
    this.shared?.[Symbol.dispose]()
  }

  #attempt(headers: HeaderList): Attempt {
    return {
      index: 0,
      service,
      endpoint: {
        url: this.#url,
        weight: 1,
        configuredWeight: 1,
        active: 1,
        healthy: true,
        full: false,
      },
      headers,
      touchedHeaders: undefined,
      startedAt: performance.now(),
      endedAt: undefined,
      waitedMs: 0,
      connectMs: 0,
      status: undefined,
      error: undefined,
      bodyIsTimed: false,
      code: undefined,
      conclude: () => undefined,
      break: () => undefined,
      release: () => undefined,
    }
  }
}

/** Rejects if the body breaks off. */
export function readBody(response: GatewayResponse | undefined): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const pieces: Buffer[] = []
  const source = response?.takeBody()
  if (source === undefined) return Promise.resolve(response === undefined ? 'none' : '')
  source.start({
    write: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end))) > 0,
    end: () => resolve(Buffer.concat(pieces).toString()),
    fail: (error) => reject(known(error)),
  })
  return promise
}

function known(reason: unknown): GatewayError {
  if (isGatewayError(reason)) return reason
  throw new Error('a pool rejects with errors of a catalogue only', { cause: reason })
}

// A pool asks its exchange for nothing that depends on these.
const snapshot = {} as Snapshot
const service = {} as Service
const connection: Connection = {
  id: 1,
  entrypoint: 'test',
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
  localPort: 80,
  encrypted: false,
  serverName: undefined,
  alpn: undefined,
  snapshot,
  defer: () => undefined,
}
