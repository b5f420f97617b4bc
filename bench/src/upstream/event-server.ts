/**
 * An upstream server that sends events: one at once, then one every 10 ms, each with its number and
 * the time of `process.hrtime`, which all processes of a machine share. Started by the harness with
 * the port as its only argument.
 *
 * @module
 */
import { createServer } from 'node:http'
import { loopback } from '../process/port.ts'

const intervalMs = 10

const server = createServer((_request, response) => {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // nginx buffers whatever does not say this.
    'x-accel-buffering': 'no',
  })
  let id = 0
  const send = (): void => {
    response.write(`id: ${id++}\ndata: ${process.hrtime.bigint()}\n\n`)
  }
  send()
  const timer = setInterval(send, intervalMs)
  response.on('close', () => clearInterval(timer))
})
server.listen(Number(process.argv[2]), loopback, 1024)
process.on('SIGTERM', () => process.exit())
