import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const fastGateway: Peer = defineNodePeer({
  name: 'fast-gateway',
  title: 'fast-gateway',
  package: 'fast-gateway',
})
