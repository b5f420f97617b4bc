import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const examples = fileURLToPath(new URL('../examples', import.meta.url))

it('works in a gateway that loads it from a configuration', async () => {
  await using first = await startUpstream(reply(200, {}, 'from the first'))
  await using second = await startUpstream(reply(200, {}, 'from the second'))
  await using gateway = await startGateway(await readFile(`${examples}/gateway.hcl`, 'utf8'), {
    baseDir: examples,
    env: { ADDRESS: '127.0.0.1:0', SERVER: first.url, OTHER_SERVER: second.url },
  })

  const one = await gateway.request('/')
  const another = await gateway.request('/')

  expect([one.text, another.text]).toEqual(['from the first', 'from the first'])
})
