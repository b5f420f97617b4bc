import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 })
const proxy = createProxyServer({ target: upstream, agent, xfwd: true })
proxy.on('error', (_error, _request, response) => response.destroy())
createServer((request, response) => proxy.web(request, response)).listen(port, host, 1024)
