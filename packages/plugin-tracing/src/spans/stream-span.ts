import type { GatewayError, StreamContext } from '@gatewright/kernel'
import type { ExchangeTrace } from '../exchange-trace.ts'
import { addExchange, nameIn, placeOf } from './exchange-span.ts'
import { Attributes, type Span } from './span.ts'

/** The span of a connection of TCP, or of a flow of UDP. */
export function spanOfStream(ctx: StreamContext, trace: ExchangeTrace, endedAt: number): Span {
  const { connection, route, refusal } = ctx
  const protocol = protocolOf(ctx)
  const error = errorOf(ctx)
  const attributes = new Attributes()
  attributes.add('network.transport', protocol)
  attributes.add('client.address', connection.remoteAddress)
  attributes.add('client.port', connection.remotePort)
  attributes.add('server.address', connection.serverName ?? connection.localAddress)
  attributes.add('server.port', connection.localPort)
  addExchange(attributes, ctx)
  attributes.add('error.type', error?.code ?? refusal?.code)
  return {
    ...placeOf(trace),
    name: nameIn(route, protocol.toUpperCase()),
    startedAt: ctx.startedAt,
    endedAt,
    attributes,
    failed: error !== undefined && error.status >= 500,
  }
}

function protocolOf({ connection, snapshot }: StreamContext): 'tcp' | 'udp' {
  return snapshot.config.entrypoints[connection.entrypoint]?.protocol === 'udp' ? 'udp' : 'tcp'
}

function errorOf({ refusal, attempts }: StreamContext): GatewayError | undefined {
  return refusal?.error ?? attempts?.at(-1)?.error
}
