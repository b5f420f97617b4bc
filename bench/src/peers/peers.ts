import { caddy } from './caddy.ts'
import { fastGateway } from './fast-gateway.ts'
import { fastifyHttpProxy } from './fastify-http-proxy.ts'
import { fastifyReplyFrom } from './fastify-reply-from.ts'
import { createGatewright } from './gatewright/gatewright.ts'
import { setUps } from './gatewright/set-ups.ts'
import { haproxy } from './haproxy.ts'
import { httpProxy } from './http-proxy.ts'
import { httpProxy3 } from './http-proxy-3.ts'
import { nginx, nginxFive, nginxLogged } from './nginx.ts'
import { nodeHttp } from './node-http.ts'
import { nodeHttp2 } from './node-http2.ts'
import { nodeHttp2Both } from './node-http2-both.ts'
import { nodeHttps } from './node-https.ts'
import type { Peer } from './peer.ts'
import { undici } from './undici.ts'

/** Whom Gatewright is compared with, in the order of the tables. */
const others: readonly Peer[] = [
  nginx,
  nginxLogged,
  nginxFive,
  haproxy,
  caddy,
  undici,
  nodeHttp,
  nodeHttps,
  nodeHttp2,
  nodeHttp2Both,
  fastifyReplyFrom,
  fastifyHttpProxy,
  httpProxy,
  httpProxy3,
  fastGateway,
]

/** True for what is installed on the machine and does not come from npm. */
export function isNative(peer: Peer): boolean {
  return [nginx, nginxLogged, nginxFive, haproxy, caddy].includes(peer)
}

/** Every candidate. @param cli The gateway's main file; default: the sources of this checkout. */
export function allPeers(cli?: string): readonly Peer[] {
  return [...setUps.map((setUp) => createGatewright(setUp, cli)), ...others]
}
