import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const nodeHttp2: Peer = defineNodePeer({
  name: 'node-http2',
  title: 'node:http2 and undici',
  package: 'undici',
})
