import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const fastifyReplyFrom: Peer = defineNodePeer({
  name: 'fastify-reply-from',
  title: '@fastify/reply-from',
  package: '@fastify/reply-from',
})
