import type { Connection, GatewayRequest } from '@gatewright/kernel'
import {
  ForwardedFields,
  type ForwardedHeadersOptions,
  TrustedPeers,
} from '@gatewright/plugin-http'

/**
 * Tells the upstream who the client is, and believes the proxies that the entrypoint trusts, as the
 * protocol `http` does for requests that come over a socket.
 */
export function receive(request: GatewayRequest, connection: Connection): string {
  const { snapshot, entrypoint, remoteAddress, encrypted } = connection
  const options = snapshot.config.entrypoints[entrypoint]
  if (options?.protocol !== 'http') return remoteAddress
  // What the schema of the protocol makes of it.
  const believed = options['forwarded_headers'] as ForwardedHeadersOptions
  const { trusted_ips: trusted, insecure } = believed
  const peers = new TrustedPeers(trusted, insecure)
  const fields = new ForwardedFields(remoteAddress, peers, encrypted ? 'https' : 'http')
  return fields.apply(request)
}
