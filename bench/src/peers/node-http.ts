import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const nodeHttp: Peer = defineNodePeer({ name: 'node-http', title: 'node:http alone' })
