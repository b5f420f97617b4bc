import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const examples = fileURLToPath(new URL('../examples', import.meta.url))

it('works in a gateway that loads it from a configuration', async () => {
  await using upstream = await startUpstream(reply(200, {}, 'from upstream'))
  await using gateway = await startGateway(await readFile(`${examples}/gateway.hcl`, 'utf8'), {
    baseDir: examples,
    env: { ADDRESS: '127.0.0.1:0', SERVER: upstream.url },
  })

  const response = await gateway.request('/')

  expect(response.status).toBe(200)
  expect(response.text).toBe('from upstream')
})
