/**
 * Gives error responses their body and their header fields.
 *
 * @module
 */
import { STATUS_CODES } from 'node:http'
import type { GatewayError } from './gateway-error.ts'
import { type HeaderList, isField } from './headers.ts'
import { GatewayResponse } from './response.ts'

/**
 * The response to what never became an exchange, such as bytes that are no request. Exchanges use
 * `ctx.fail` instead.
 */
export function problemResponse(error: GatewayError): GatewayResponse {
  const response = new GatewayResponse({ status: error.status, error })
  renderProblem(response)
  return response
}

/**
 * Gives an error response its body: `application/problem+json` (RFC 9457), with the member `error`
 * for clients that know only that, and `Proxy-Status` (RFC 9209) where the error has a type.
 * What the operator needs to know is logged instead.
 */
export function renderProblem(response: GatewayResponse): void {
  const { error } = response
  if (error === undefined || response.hasBody) return
  const { status } = response
  const title = STATUS_CODES[status] ?? 'Error'
  const detail = error.source === 'client' ? error.message : undefined
  const body = JSON.stringify({
    ...error.members,
    type: 'about:blank',
    title,
    status,
    code: error.code,
    error: error.kind.publicMessage ?? detail ?? title,
    ...(detail !== undefined && { detail }),
  })
  response.body = body
  const { headers } = response
  headers.set('content-type', 'application/problem+json')
  headers.set('date', new Date().toUTCString())
  if (error.kind.proxyStatus !== undefined) {
    headers.append('proxy-status', `gatewright; error=${error.kind.proxyStatus}`)
  }
  addErrorHeaders(headers, error)
}

/** A field that no header may have is left out: an error must not fail in its turn. */
function addErrorHeaders(headers: HeaderList, error: GatewayError): void {
  for (let i = 0; i + 1 < error.headers.length; i += 2) {
    const name = (error.headers[i] ?? '').toLowerCase()
    const value = error.headers[i + 1] ?? ''
    if (isField(name, value)) headers.set(name, value)
  }
}
