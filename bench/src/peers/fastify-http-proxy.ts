import { defineNodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'

export const fastifyHttpProxy: Peer = defineNodePeer({
  name: 'fastify-http-proxy',
  title: '@fastify/http-proxy',
  package: '@fastify/http-proxy',
})
