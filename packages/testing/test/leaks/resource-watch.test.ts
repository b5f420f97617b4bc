import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { ResourceWatch } from '../../src/leaks/resource-watch.ts'

// Alone in its file: it has to be the first response of a process that has Node keep the time.
it('does not blame who answers over HTTP for the clock that Node keeps for all', async () => {
  using watch = new ResourceWatch()
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('now'))
  await watch.run(async () => once(server.listen(0, '127.0.0.1'), 'listening'))
  // A server that listens has the port.
  const { port } = server.address() as AddressInfo
  watch.takeOpened()

  const asked = request({ host: '127.0.0.1', port, agent: false }).end()
  const [response] = await once(asked, 'response')

  expect(await text(response)).toBe('now')
  expect(response.headers.date).toBeDefined()
  expect(watch.takeOpened()).toEqual([])
  server.close()
})

it('names the line that started a timer', () => {
  using watch = new ResourceWatch()

  const timer = watch.run(() => setTimeout(() => undefined, 1000))

  expect(watch.live).toEqual([expect.stringMatching(/^Timeout \(.*:\d+:\d+\)$/)])
  clearTimeout(timer)
})
