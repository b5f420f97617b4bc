import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const nodeHttp2Both: Peer = defineNodePeer({
  name: 'node-http2-both',
  title: 'node:http2 on both sides',
})
