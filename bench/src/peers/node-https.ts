import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const nodeHttps: Peer = defineNodePeer({ name: 'node-https', title: 'node:https alone' })
