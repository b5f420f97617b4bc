import type { Attempt } from '@gatewright/kernel'
import type { ExchangeTrace } from '../exchange-trace.ts'
import { addOrigin, originOf } from './addresses.ts'
import { addMethod, nameOf } from './methods.ts'
import { outcomeOfAttempt } from './outcome.ts'
import { Attributes, Kind, type Span } from './span.ts'

/**
 * The span of a try.
 * @param method Of the request, if it is one.
 * @param mirror Whether it sends a copy.
 */
export function spanOfAttempt(
  attempt: Attempt,
  trace: ExchangeTrace,
  endedAt: number,
  method: string | undefined,
  mirror: boolean,
): Span {
  const { status, index, endpoint, startedAt, service, code } = attempt
  const attributes = new Attributes()
  if (method !== undefined) addMethod(attributes, method)
  addOrigin(attributes, endpoint.url)
  attributes.add('http.response.status_code', method === undefined ? undefined : status)
  attributes.add('http.request.resend_count', index === 0 ? undefined : index)
  attributes.add('gateway.service', service.name)
  attributes.add('gateway.backend', originOf(endpoint.url))
  attributes.add('gateway.attempt', index + 1)
  attributes.add('gateway.code', code)
  attributes.add('mirror', mirror ? true : undefined)
  const { failed, errorType } = outcomeOfAttempt(attempt)
  attributes.add('error.type', errorType)
  return {
    traceId: trace.traceId,
    spanId: trace.attemptId(index),
    parentId: trace.spanId,
    remoteParent: false,
    state: trace.state,
    flags: trace.flags,
    kind: Kind.client,
    name: method === undefined ? 'connect' : nameOf(method),
    startedAt,
    endedAt,
    attributes,
    failed,
    link: undefined,
  }
}
