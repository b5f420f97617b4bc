import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const examples = fileURLToPath(new URL('../examples', import.meta.url))

it('works in a gateway that loads it from a configuration', async () => {
  await using app = await startUpstream(reply(200, {}, 'from the app'))
  await using beta = await startUpstream(reply(200, {}, 'from the beta'))
  await using gateway = await startGateway(await readFile(`${examples}/gateway.hcl`, 'utf8'), {
    baseDir: examples,
    env: { ADDRESS: '127.0.0.1:0', SERVER: app.url, BETA_SERVER: beta.url },
  })

  const plain = await gateway.request('/')
  const nightly = await gateway.request('/', { headers: { 'x-client': 'nightly' } })

  expect(plain.text).toBe('from the app')
  expect(nightly.text).toBe('from the beta')
})
