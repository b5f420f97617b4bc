import type { Exchange, Route } from '@gatewright/kernel'
import type { ExchangeTrace } from '../exchange-trace.ts'
import { type Attributes, Kind, type Span } from './span.ts'

/** What is the same in the spans of all exchanges. */
export type Place = Omit<Span, 'name' | 'startedAt' | 'endedAt' | 'failed' | 'attributes'>

/** What makes it the span that the others of the exchange are children of. */
export function placeOf(trace: ExchangeTrace): Place {
  const { traceId, spanId, parent, state, flags, link } = trace
  return {
    traceId,
    spanId,
    parentId: parent?.spanId,
    remoteParent: parent !== undefined,
    state,
    flags,
    kind: Kind.server,
    link,
  }
}

/** Where it came in, where it went, and how much it carried. */
export function addExchange(
  attributes: Attributes,
  { connection, route, received, sent }: Exchange,
): void {
  attributes.add('gateway.entrypoint', connection.entrypoint)
  attributes.add('gateway.router', route?.router)
  attributes.add('gateway.service', route?.service)
  attributes.add('gateway.received_bytes', received)
  attributes.add('gateway.sent_bytes', sent)
}

/** Named after what it is, and where it went if that is known. */
export function nameIn(route: Route | undefined, name: string): string {
  return route === undefined ? name : `${name} ${route.router}`
}
