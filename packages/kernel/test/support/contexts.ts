import { Duplex } from 'node:stream'
import type { Body, BodySource } from '../../src/body.ts'
import type { Connection } from '../../src/connection.ts'
import { StreamContext } from '../../src/exchange.ts'
import { HeaderList } from '../../src/headers.ts'
import { GatewayRequest, type HttpVersion } from '../../src/request.ts'
import { type Inform, RequestContext } from '../../src/request-context.ts'
import type { Snapshot } from '../../src/snapshot.ts'

/** What a test may say about a request. */
export interface RequestInit {
  readonly method?: string
  readonly target?: string
  readonly authority?: string
  /** Name, value, name, value, … */
  readonly headers?: readonly string[]
  readonly body?: Body | BodySource
  readonly upgrade?: string
  readonly version?: HttpVersion
}

let connections = 0

/** A connection that nobody accepted. */
export function fakeConnection(snapshot: Snapshot, rest: Partial<Connection> = {}): Connection {
  return {
    id: ++connections,
    entrypoint: 'web',
    remoteAddress: '192.0.2.7',
    remotePort: 40_000,
    localPort: 80,
    encrypted: false,
    serverName: undefined,
    alpn: undefined,
    snapshot,
    defer: () => undefined,
    ...rest,
  }
}

/** A request as a protocol makes it. */
export function fakeRequest(init: RequestInit = {}): GatewayRequest {
  const head = {
    method: init.method ?? 'GET',
    target: init.target ?? '/',
    authority: init.authority ?? 'app.test',
    headers: new HeaderList([...(init.headers ?? [])]),
    version: init.version ?? ('1.1' as const),
    upgrade: init.upgrade,
  }
  return new GatewayRequest(head, init.body ?? null)
}

/** A snapshot of nothing, for what never looks into it. */
const noSnapshot: Snapshot = {
  version: 1,
  hash: '',
  // Nothing that gets this snapshot reads its configuration.
  config: {} as Snapshot['config'],
  routes: [],
  services: new Map(),
  pipelines: new Map(),
  get: () => undefined,
  findRoute: () => undefined,
  explainRoute: () => [],
  peeks: () => false,
  uses: () => true,
}

/** An exchange without a gateway. */
export function fakeContext(init: RequestInit = {}, inform?: Inform): RequestContext {
  const connection = fakeConnection(noSnapshot)
  return new RequestContext(connection, noSnapshot, fakeRequest(init), inform)
}

/** A stream exchange without a gateway. */
export function fakeStream(): StreamContext {
  const client = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  return new StreamContext(fakeConnection(noSnapshot), noSnapshot, client)
}
