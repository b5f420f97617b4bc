import { createServer } from 'node:http'
import { readAddresses } from './addresses.ts'
import { forwardTo } from './forward.ts'

const { port, host, upstream } = readAddresses()
// Idle connections stay as long as with the others.
createServer({ keepAliveTimeout: 75_000 }, forwardTo(upstream)).listen(port, host, 1024)
