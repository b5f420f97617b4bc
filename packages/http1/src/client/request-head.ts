import type { Attempt, RequestContext } from '@gatewright/kernel'
import { Framing } from '../body/framing.ts'
import { composeRequest } from '../compose/compose.ts'
import { RequestPlan } from '../compose/plan.ts'
import { WireRequestHead } from '../server/wire-request-head.ts'
import type { Wire } from '../wire/wire.ts'
import { writeHead } from '../wire/write-head.ts'

/** Used for one head after the other; nothing keeps it. */
const plan = new RequestPlan()

/** Methods that say by a length of 0 that they come without a body (RFC 9110 section 8.6). */
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])

/** Writes the head of an attempt. @param passHost Send the client's host, not the endpoint's. */
export function writeRequestHead(
  wire: Wire,
  { request }: RequestContext,
  { endpoint, touchedHeaders }: Attempt,
  passHost: boolean,
): void {
  const { head } = request
  const received = head instanceof WireRequestHead ? head.head : undefined
  const { url } = endpoint
  plan.head = received
  plan.fields = touchedHeaders ?? request.headers
  plan.block = undefined
  plan.dropped = 0
  plan.upgrade = false
  plan.connection = undefined
  plan.method = received === undefined ? request.method : request.assignedMethod
  const basePath = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  const target = received === undefined ? request.target : request.assignedTarget
  plan.target = basePath === '' ? target : withBase(basePath, request.target)
  const authority = received === undefined ? request.authority : request.assignedAuthority
  plan.host = passHost && request.authority !== '' ? authority : url.host
  plan.acceptsTrailers = received?.acceptsTrailers ?? request.headers.get('te') === 'trailers'
  plan.framing = request.hasBody
    ? (request.bodyLength ?? Framing.chunked)
    : methodsWithBody.has(request.method)
      ? 0
      : Framing.none
  writeHead(wire, plan, composeRequest)
}

function withBase(basePath: string, target: string): string {
  return target === '*' ? target : basePath + target
}
