import { PassThrough } from 'node:stream'
import {
  type Connection,
  GatewayRequest,
  HeaderList,
  RequestContext,
  type Snapshot,
  StreamContext,
} from '@gatewright/kernel'

// Strategies do not look at it.
const snapshot = {} as Snapshot

/** What a strategy may look at in a request. */
export interface RequestParts {
  /** Default 192.0.2.1. */
  readonly address?: string
  /** Default `/`. */
  readonly target?: string
  /** Name, value, …; names in lower case. */
  readonly headers?: readonly string[]
}

/** A request as strategies see it. */
export function requestWith({
  address = '192.0.2.1',
  target = '/',
  headers = [],
}: RequestParts): RequestContext {
  const head = {
    method: 'GET',
    target,
    authority: 'example.com',
    headers: new HeaderList([...headers]),
    version: '1.1' as const,
    upgrade: undefined,
  }
  return new RequestContext(connectionAt(address), snapshot, new GatewayRequest(head, null))
}

/** A connection that carries no requests. */
export function connectionFrom(address: string): StreamContext {
  return new StreamContext(connectionAt(address), snapshot, new PassThrough())
}

function connectionAt(remoteAddress: string): Connection {
  return {
    id: 1,
    entrypoint: 'web',
    remoteAddress,
    remotePort: 40_000,
    localPort: 80,
    encrypted: false,
    serverName: undefined,
    alpn: undefined,
    snapshot,
    defer: () => undefined,
  }
}
