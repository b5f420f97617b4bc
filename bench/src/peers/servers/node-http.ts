import { createServer } from 'node:http'
import { readAddresses } from './addresses.ts'
import { forwardTo } from './forward.ts'

const { port, host, upstream } = readAddresses()
createServer(forwardTo(upstream)).listen(port, host, 1024)
