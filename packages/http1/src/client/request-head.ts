import {
  type Attempt,
  errors,
  type GatewayRequest,
  type HeaderList,
  type RequestContext,
} from '@gatewright/kernel'
import { type BodyFraming, Framing } from '../body/framing.ts'
import { composeRequest } from '../compose/compose.ts'
import { RequestPlan } from '../compose/plan.ts'
import type { Head } from '../head/head.ts'
import { WireRequestHead } from '../server/wire-request-head.ts'
import type { Wire } from '../wire/wire.ts'
import { writeHead } from '../wire/write-head.ts'
import { WireHeaders } from '../wire-headers.ts'
import type { UpstreamOrigin } from './upstream-origin.ts'

/** Used for one head after the other; nothing keeps it. */
const plan = new RequestPlan()

/** Methods that say by a length of 0 that they come without a body (RFC 9110 section 8.6). */
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Writes the head of an attempt. Throws, with nothing written, what `composeRequest` throws.
 * @param passHost Send the client's host, not the origin's.
 * @returns How the body is to be framed.
 */
export function writeRequestHead(
  wire: Wire,
  ctx: RequestContext,
  attempt: Attempt,
  origin: UpstreamOrigin,
  passHost: boolean,
): BodyFraming {
  const { framing } = planRequestHead(ctx, attempt, origin, passHost)
  writeHead(wire, plan, composeRequest)
  return framing
}

/**
 * What is to be composed as the head of an attempt; valid until the next call. Throws if the
 * exchange is over, so that its head may be that of another one.
 */
export function planRequestHead(
  { request }: RequestContext,
  attempt: Attempt,
  origin: UpstreamOrigin,
  passHost: boolean,
): RequestPlan {
  const received = receivedHeadOf(request)
  plan.head = received
  plan.fields = attempt.touchedHeaders ?? fieldsOf(request, attempt)
  plan.method = received === undefined ? request.method : request.assignedMethod
  plan.target = targetFor(request, received, origin.basePath)
  plan.host = hostFor(request, received, passHost, origin.authority)
  plan.upgrade = request.upgrade
  plan.acceptsTrailers = received?.acceptsTrailers ?? request.headers.get('te') === 'trailers'
  plan.framing = framingFor(request)
  return plan
}

/** The head that was received for a request, unless a plugin made the request. */
function receivedHeadOf({ head: received }: GatewayRequest): Head | undefined {
  if (!(received instanceof WireRequestHead)) return undefined
  const { head } = received
  if (head !== undefined) return head
  throw errors.GW_INTERNAL({ problem: 'the exchange ended before its request was sent' })
}

function fieldsOf({ headers }: GatewayRequest, attempt: Attempt): HeaderList {
  // Of others the composer does not know what their Connection field names.
  return headers instanceof WireHeaders ? headers : attempt.headers
}

/** `undefined` stands for the target as it was received. */
function targetFor(
  request: GatewayRequest,
  received: Head | undefined,
  basePath: string,
): string | undefined {
  if (basePath !== '' && request.target !== '*') return basePath + request.target
  return received === undefined ? request.target : request.assignedTarget
}

/** `undefined` stands for the host as it was received. */
function hostFor(
  request: GatewayRequest,
  received: Head | undefined,
  passHost: boolean,
  authority: string,
): string | undefined {
  // A client of HTTP/1.0 need not say which host it means.
  if (!passHost || request.authority === '') return authority
  return received === undefined ? request.authority : request.assignedAuthority
}

function framingFor(request: GatewayRequest): BodyFraming {
  if (request.hasBody) return request.bodyLength ?? Framing.chunked
  return methodsWithBody.has(request.method) ? 0 : Framing.none
}
