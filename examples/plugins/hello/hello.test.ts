import { createTestGateway, fakeUpstream, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import hello from './index.ts'

it('greets on every response', async () => {
  await using gateway = await createTestGateway({
    plugins: [hello],
    config: hcl`
      middlewares "greet" {
        type = "hello"
      }
    `,
  })

  const response = await gateway.inject('/')

  expect(response.status).toBe(200)
  expect(response.headers['x-hello']).toBe('world')
})

it('runs from its configuration', async () => {
  const app = fakeUpstream.http({ body: 'from the server' })
  const config = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config, upstreams: { app } })

  const response = await gateway.fetch('/')

  expect(response.headers.get('x-hello')).toBe('world')
  expect(await response.text()).toBe('from the server')
})
