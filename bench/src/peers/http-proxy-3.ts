import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const httpProxy3: Peer = defineNodePeer({
  name: 'http-proxy-3',
  title: 'http-proxy-3',
  package: 'http-proxy-3',
})
