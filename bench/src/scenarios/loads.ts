import { type Load, removablePrefix } from '../load/load.ts'
import { allowedOrigin } from '../peers/five-middlewares.ts'
import { hostOf } from '../peers/peer.ts'

const kib = 1024

/** The load of most scenarios: small answers on connections that stay open. */
export const get: Load = {
  protocol: 'http/1.1',
  encrypted: false,
  connections: 50,
  method: 'GET',
  // A router that every set-up with more than one router has, and neither the first nor the last.
  host: hostOf(117),
  headers: [],
  uploadBytes: 0,
  downloadBytes: kib,
  newConnections: false,
  threads: 1,
}

/** The lines with which browsers ask for a page; the head is 628 bytes long. */
export const browserHeaders: readonly string[] = [
  'sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'Cache-Control: max-age=0',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-User: ?1',
  'Sec-Fetch-Dest: document',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
]

/** What gives each of five middlewares something to do. */
export const getForFive: Load = {
  ...get,
  headers: [`Origin: ${allowedOrigin}`],
  pathPrefix: removablePrefix,
}

/** A request with a body and a short answer. */
export function post(uploadBytes: number, connections: number): Load {
  return { ...get, method: 'POST', uploadBytes, downloadBytes: 2, connections }
}

/** A request for a large body. */
export function download(downloadBytes: number, connections: number): Load {
  return { ...get, downloadBytes, connections }
}

/** Clients that listen to events; each of them gets one every 10 ms. */
export const events: Load = {
  ...get,
  protocol: 'events',
  connections: 20,
  headers: ['Accept: text/event-stream'],
  downloadBytes: 0,
}

/** WebSocket messages and their echoes, one at a time on each connection. */
export function echoes(bytes: number): Load {
  return { ...get, protocol: 'websocket', uploadBytes: bytes, downloadBytes: bytes }
}

/** Unary calls over HTTP/2 in cleartext. */
export const calls: Load = {
  ...get,
  protocol: 'grpc',
  connections: 10,
  method: 'POST',
  headers: ['content-type: application/grpc', 'te: trailers'],
  uploadBytes: 128,
}

/** Small answers over HTTP/2. */
export const http2: Load = { ...get, protocol: 'http/2', encrypted: true, connections: 10 }
