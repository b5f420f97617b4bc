import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const httpProxy: Peer = defineNodePeer({
  name: 'http-proxy',
  title: 'http-proxy',
  package: 'http-proxy',
})
