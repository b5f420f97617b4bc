import {
  type Attempt,
  type Connection,
  type Endpoint,
  errors,
  GatewayRequest,
  HeaderList,
  isGatewayError,
  RequestContext,
  type Service,
  type Snapshot,
} from '@gatewright/kernel'
import { startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { HttpTransport } from '../src/http-transport.ts'

const settings = {
  connectTimeoutMs: 1000,
  responseTimeoutMs: 1000,
  idleTimeoutMs: 1000,
  totalTimeoutMs: 1000,
  maxConnections: 0,
  maxWaiting: 1024,
  passHostHeader: true,
}

describe('the transport of a service', () => {
  it('forgets servers to which there is no connection any more', async () => {
    await using upstream = await startUpstream()
    using transport = new HttpTransport(settings)
    const ctx = context()
    ctx.abort(errors.GW_CLIENT_ABORTED())

    for (let i = 0; i < 100; i++) {
      expect(await codeOf(transport, ctx, upstream.url)).toBe('GW_CLIENT_ABORTED')
    }

    expect(transport.pools).toBe(1)
  })

  it('opens no connection once it is disposed', async () => {
    await using upstream = await startUpstream()
    const transport = new HttpTransport(settings)

    transport[Symbol.dispose]()

    expect(await codeOf(transport, context(), upstream.url)).toBe('GW_UPSTREAM_BUSY')
    expect(transport.pools).toBe(0)
    expect(upstream.connections.total).toBe(0)
  })
})

async function codeOf(transport: HttpTransport, ctx: RequestContext, url: string): Promise<string> {
  const endpoint: Endpoint = {
    url: new URL(url),
    weight: 1,
    configuredWeight: 1,
    active: 1,
    healthy: true,
    full: false,
  }
  try {
    const { status } = await transport.send(ctx, attemptAt(endpoint))
    return String(status)
  } catch (error) {
    return isGatewayError(error) ? error.code : String(error)
  }
}

function attemptAt(endpoint: Endpoint): Attempt {
  return {
    index: 0,
    // Nothing here asks for it.
    service: {} as Service,
    endpoint,
    headers: new HeaderList(),
    touchedHeaders: undefined,
    startedAt: 0,
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

function context(): RequestContext {
  // Nothing here looks at a configuration or at the connection.
  const snapshot = {} as Snapshot
  const connection = {} as Connection
  const headers = new HeaderList(['host', 'h'])
  const rest = { version: '1.1' as const, upgrade: undefined }
  const head = { method: 'GET', target: '/', authority: 'h', headers, ...rest }
  return new RequestContext(connection, snapshot, new GatewayRequest(head, null))
}
