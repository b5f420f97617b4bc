import type { GatewayRequest, HeaderList } from '@gatewright/kernel'

/**
 * True if the length of the compressed body may tell somebody else what stands in it (BREACH): it
 * may hold a secret of a user, and beside it what came with a request that another page can have
 * made that user's browser send.
 */
export function mayTellSecrets(request: GatewayRequest, response: HeaderList): boolean {
  const { headers } = request
  // The body, if there was one, has gone to the upstream.
  const bringsInput = request.query.length > 1 || !['GET', 'HEAD'].includes(request.method)
  if (!bringsInput || isFromOwnPage(headers)) return false
  return headers.has('cookie') || headers.has('authorization') || response.has('set-cookie')
}

/** No page can forge the field (Fetch Metadata, section 2); browsers send it over TLS. */
function isFromOwnPage(headers: HeaderList): boolean {
  const site = headers.get('sec-fetch-site')
  return site === 'same-origin' || site === 'none'
}
