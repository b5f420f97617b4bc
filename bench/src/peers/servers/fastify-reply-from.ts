import replyFrom from '@fastify/reply-from'
import { fastify } from 'fastify'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const app = fastify({ bodyLimit: 2 ** 30 })
await app.register(replyFrom, {
  base: upstream,
  undici: { connections: 512, pipelining: 1 },
})
// As its documentation has it: bodies go through unread.
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
app.all('/*', (request, reply) => reply.from(request.url))
await app.listen({ port, host })
