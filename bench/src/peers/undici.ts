import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const undici: Peer = defineNodePeer({
  name: 'undici',
  title: 'node:http and undici',
  package: 'undici',
})
