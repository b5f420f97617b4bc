import proxy from '@fastify/http-proxy'
import { fastify } from 'fastify'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const app = fastify({ bodyLimit: 2 ** 30 })
await app.register(proxy, { upstream, undici: { connections: 512, pipelining: 1 } })
await app.listen({ port, host })
