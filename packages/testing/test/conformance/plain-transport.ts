import { Agent, type IncomingMessage, request as send } from 'node:http'
import {
  type Attempt,
  type Body,
  errors,
  GatewayResponse,
  HeaderList,
  type RequestContext,
  type TransportFactory,
} from '@gatewright/kernel'

/** What a test may spoil about {@link plainTransport}. */
export interface Spoiling {
  /** Fields that are sent. Default: those of the attempt. */
  readonly fields?: (ctx: RequestContext, attempt: Attempt) => HeaderList
  /** What becomes of a failure before the response. Default: the kernel's errors. */
  readonly blame?: (error: NodeJS.ErrnoException) => unknown
  /** Default: the message is the body as it is. */
  readonly body?: (message: IncomingMessage) => Body | PromiseLike<Body>
  /** Whether an abort reaches the upstream. Default true. */
  readonly aborts?: boolean
  /** Whether connections are closed in the end. Default true. */
  readonly closes?: boolean
}

/** The least that a transport must do, with what comes with Node; spoiled for tests of checks. */
export function plainTransport(spoiling: Spoiling = {}): TransportFactory<object> {
  return {
    type: 'plain',
    schemes: ['http'],
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create(_options, { name }, scope) {
      const pool = scope.keep(`plain:${name}`, () => new Pool(spoiling.closes ?? true))
      return { send: (ctx, attempt) => transmit(pool.agent, ctx, attempt, spoiling) }
    },
  }
}

class Pool implements Disposable {
  readonly agent = new Agent({ keepAlive: true })
  readonly #closes: boolean

  constructor(closes: boolean) {
    this.#closes = closes
  }

  [Symbol.dispose](): void {
    if (this.#closes) this.agent.destroy()
  }
}

async function transmit(
  agent: Agent,
  ctx: RequestContext,
  attempt: Attempt,
  spoiling: Spoiling,
): Promise<GatewayResponse> {
  const { fields = (_: RequestContext, { headers }: Attempt) => headers, aborts = true } = spoiling
  const { method, target, bodyLength } = ctx.request
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = fields(ctx, attempt)
  if (bodyLength === undefined) headers.set('transfer-encoding', 'chunked')
  const request = send(attempt.endpoint.url, {
    agent,
    method,
    path: target,
    headers: [...headers].flat(),
    ...(aborts && { signal: ctx.signal }),
  })
  request.on('response', resolve)
  request.on('error', (error) => reject((spoiling.blame ?? kernelError)(error)))
  const source = ctx.request.takeBody()
  if (source === undefined) request.end()
  else {
    source.start({
      write: (bytes, start, end) => {
        request.write(Buffer.from(bytes.subarray(start, end)))
        return true
      },
      end: () => void request.end(),
      fail: (error) => void request.destroy(error instanceof Error ? error : undefined),
    })
  }
  const message = await promise
  const trailers = new Promise<HeaderList>((done) => {
    message.on('close', () => done(HeaderList.fromRaw(message.rawTrailers)))
  })
  return new GatewayResponse({
    status: message.statusCode ?? 0,
    headers: HeaderList.fromRaw(message.rawHeaders),
    body: (await spoiling.body?.(message)) ?? message,
    trailers,
  })
}

function kernelError(error: NodeJS.ErrnoException): unknown {
  const params = { endpoint: 'the upstream', problem: error.message }
  if (error.code === 'ECONNREFUSED') return errors.GW_UPSTREAM_CONNECT(params, { cause: error })
  if (error.code?.startsWith('HPE_') === true) return errors.GW_UPSTREAM_PROTOCOL(params)
  return errors.GW_UPSTREAM_RESET(params, { cause: error })
}
