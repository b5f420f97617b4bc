import {
  type Connection,
  GatewayRequest,
  HeaderList,
  RequestContext,
  type Snapshot,
} from '@gatewright/kernel'

const connection: Connection = {
  id: 1,
  entrypoint: 'web',
  remoteAddress: '192.0.2.1',
  remotePort: 40_000,
  localPort: 80,
  encrypted: false,
  serverName: undefined,
  alpn: undefined,
  // Nobody who is measured with it looks at it.
  snapshot: {} as Snapshot,
  defer: () => undefined,
}

/** An exchange as a protocol would begin it. */
export function createExchange(host: string, target: string): RequestContext {
  return new RequestContext(connection, connection.snapshot, createRequest(host, target))
}

/** A connection to a gateway that is there. */
export function createConnection(snapshot: Snapshot): Connection {
  return { ...connection, snapshot }
}

/**
 * A request without a body.
 *
 * @param fields Name, value, …; names in lower case.
 */
export function createRequest(
  host: string,
  target: string,
  fields: readonly string[] = [],
): GatewayRequest {
  const headers = new HeaderList([
    'accept',
    '*/*',
    'user-agent',
    'bench',
    'x-zone',
    'eu',
    ...fields,
  ])
  const head = {
    method: 'GET',
    // Strings as a parser makes them: flat, and each request its own.
    target: Buffer.from(target).toString('latin1'),
    authority: Buffer.from(host).toString('latin1'),
    headers,
    version: '1.1' as const,
    upgrade: undefined,
  }
  return new GatewayRequest(head, null)
}
