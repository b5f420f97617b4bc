import { createTestGateway, fakeUpstream, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.ts'
import { routesFolder } from './routes-folder.ts'

const config = hcl`
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
  await using old = fakeUpstream.http({ body: 'from the old one' })
  await using next = fakeUpstream.http({ body: 'from the next one' })
  await Promise.all([old.start(), next.start()])
  await using folder = await routesFolder({ '/': [old.url] })
  await using gw = await createTestGateway({ plugins: [plugin], config, baseDir: folder.path })
  const ask = async (): Promise<string> => (await gw.fetch('/')).text()

  const before = await ask()
  await folder.write({ '/': [next.url] })

  expect(before).toBe('from the old one')
  await expect.poll(ask).toBe('from the next one')
})
