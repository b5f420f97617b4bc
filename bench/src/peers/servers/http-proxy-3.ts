import { Agent, createServer } from 'node:http'
import type { Socket } from 'node:net'
import { createProxyServer } from 'http-proxy-3'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 })
const proxy = createProxyServer({ target: upstream, agent, xfwd: true })
proxy.on('error', (_error, _request, response) => response.destroy())
createServer((request, response) => proxy.web(request, response))
  .on('upgrade', (request, socket: Socket, head) => proxy.ws(request, socket, head))
  .listen(port, host, 1024)
