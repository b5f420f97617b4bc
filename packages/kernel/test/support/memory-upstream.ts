import { Duplex } from 'node:stream'
import type { Awaitable } from '../../src/awaitable.ts'
import type { StreamContext } from '../../src/exchange.ts'
import type { RequestContext } from '../../src/request-context.ts'
import { GatewayResponse } from '../../src/response.ts'
import type {
  Attempt,
  BalancerFactory,
  StreamTransport,
  Transport,
  TransportFactory,
  Tunnel,
} from '../../src/service.ts'
import { readAll } from './bodies.ts'

/** What reached an upstream. */
export interface Arrival {
  readonly service: string
  readonly url: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Respond = (ctx: RequestContext, attempt: Attempt) => Awaitable<GatewayResponse>
type Connect = (ctx: StreamContext, attempt: Attempt) => Awaitable<Tunnel>

/** A connection to an upstream on which nothing moves. */
export function quietTunnel(): Tunnel {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  return { socket, idleTimeoutMs: 0, halfCloseTimeoutMs: 0, totalTimeoutMs: 0 }
}

/** Every upstream of a test, reached through `http:` URLs without a socket. */
export class MemoryUpstream {
  /** Requests that arrived, their bodies read. */
  readonly arrivals: Arrival[] = []
  /** Instances that the factory made. */
  transports = 0
  /** What the upstream does; by default it reads the body and answers 200. */
  respond: Respond = (ctx, attempt) => this.accept(ctx, attempt)
  /** What becomes of streams; by default they get a connection. */
  connect: Connect = quietTunnel
  /** See `StreamTransport`. */
  maxRetries = Number.POSITIVE_INFINITY

  /** The factory of the scheme `http`. */
  readonly transport: TransportFactory<{ connect_timeout: number }, Transport & StreamTransport> = {
    type: 'memory',
    schemes: ['http'],
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        connect_timeout: { duration: true, default: '5s', description: 'Does nothing.' },
      },
    },
    create: () => {
      this.transports++
      return {
        maxRetries: this.maxRetries,
        send: (ctx, attempt) => this.respond(ctx, attempt),
        connect: (ctx, attempt) => this.connect(ctx, attempt),
      }
    },
  }

  /** Reads the request and answers 200. */
  async accept(ctx: RequestContext, attempt: Attempt): Promise<GatewayResponse> {
    const { method, target } = ctx.request
    const headers = Object.fromEntries(attempt.headers)
    const { text: body } = await readAll(ctx.request.takeBody())
    const url = attempt.endpoint.url.href
    this.arrivals.push({ service: attempt.service.name, url, method, target, headers, body })
    return new GatewayResponse({ status: 200, body: `${attempt.service.name} says hello` })
  }
}

/** Picks the first endpoint that was not tried, else the first. */
export const firstBalancer: BalancerFactory<object> = {
  type: 'round-robin',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    pick: (pool, { attempts }) =>
      pool.available.find((endpoint) => !attempts?.some((tried) => tried.endpoint === endpoint)) ??
      pool.available[0],
  }),
}
