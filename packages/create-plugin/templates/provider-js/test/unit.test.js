import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readRoutes } from '../src/routes-file.js'
import { routesFolder } from './routes-folder.js'

it('makes a router and a service of each path', async () => {
  await using folder = await routesFolder({ '/api': ['http://10.0.0.1', 'http://10.0.0.2'] })

  const { routers, services } = await readRoutes(join(folder.path, 'routes.json'))

  expect(routers).toEqual({
    'my-plugin-api': { rule: 'PathPrefix(`/api`)', service: 'my-plugin-api' },
  })
  expect(services).toEqual({
    'my-plugin-api': {
      load_balancer: { servers: [{ url: 'http://10.0.0.1' }, { url: 'http://10.0.0.2' }] },
    },
  })
})

it('tells what is wrong with a file', async () => {
  await using folder = await routesFolder({ '/api': 'http://10.0.0.1' })

  const reading = readRoutes(join(folder.path, 'routes.json'))

  await expect(reading).rejects.toMatchObject({
    code: 'GW_MY_PLUGIN_FILE',
    message: expect.stringContaining('expected an object of path prefixes'),
  })
})
