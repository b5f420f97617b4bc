import { reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'
import { routesFolder } from './routes-folder.js'

const config = `
  providers {
    my-plugin {
      file     = "routes.json"
      interval = "10ms"
    }
  }
  entrypoints "web" {
    address = "127.0.0.1:0"
  }
`

it('routes as the file says, and follows its changes', async () => {
  await using old = await startUpstream(reply(200, {}, 'from the old one'))
  await using next = await startUpstream(reply(200, {}, 'from the next one'))
  await using folder = await routesFolder({ '/': [old.url] })
  await using gateway = await startGateway(config, { plugins: [plugin], baseDir: folder.path })

  const before = await gateway.request('/')
  await folder.write({ '/': [next.url] })

  expect(before.text).toBe('from the old one')
  await expect.poll(async () => (await gateway.request('/')).text).toBe('from the next one')
})
