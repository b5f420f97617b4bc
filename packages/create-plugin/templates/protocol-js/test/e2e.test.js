import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chunked, reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const examples = fileURLToPath(new URL('../examples', import.meta.url))
const config = await readFile(`${examples}/gateway.hcl`, 'utf8')
const anyPort = '127.0.0.1:0'

it('works in a gateway that loads it from a configuration', async () => {
  await using upstream = await startUpstream(reply(200, {}, 'from upstream'))
  await using gateway = await startGateway(config, {
    baseDir: examples,
    env: { ADDRESS: anyPort, LINES_ADDRESS: anyPort, SERVER: upstream.url },
  })
  using client = await gateway.connect('lines')

  await client.send('/users?page=2\r\n')

  expect(String(await client.readToEnd())).toBe('from upstream')
  expect(upstream.requests[0]?.target).toBe('/users?page=2')
})

it('passes on a body that comes in pieces', async () => {
  await using upstream = await startUpstream(chunked(200, {}, ['one, ', 'two']))
  await using gateway = await startGateway(config, {
    baseDir: examples,
    env: { ADDRESS: anyPort, LINES_ADDRESS: anyPort, SERVER: upstream.url },
  })
  using client = await gateway.connect('lines')

  await client.send('count\n')

  expect(String(await client.readToEnd())).toBe('one, two')
})

it('closes the connection of who says too much', async () => {
  await using gateway = await startGateway(config, {
    baseDir: examples,
    env: { ADDRESS: anyPort, LINES_ADDRESS: anyPort },
  })
  using client = await gateway.connect('lines')

  await client.send('x'.repeat(4096))

  expect(await client.closed()).toMatch(/end|reset/)
})
