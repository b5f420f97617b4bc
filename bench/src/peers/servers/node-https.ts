import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { readAddresses } from './addresses.ts'
import { forwardTo } from './forward.ts'

const { port, host, upstream, certificate, key } = readAddresses()
const files = { cert: readFileSync(certificate), key: readFileSync(key) }
createServer(files, forwardTo(upstream)).listen(port, host, 1024)
