import { notes } from '@gatewright/kernel'
import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin, { requestId } from './index.ts'

const plugins = [plugin]
const config = hcl`
  middlewares "id" {
    type = "request-id"
  }
`

it('tells the service, the client and the log the same id', async () => {
  await using gateway = await createTestGateway({ plugins, config })

  const response = await gateway.inject('/')
  const id = response.ctx.get(requestId)

  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(response.headers['x-request-id']).toBe(id)
  expect(gateway.upstream.calls[0]?.headers['x-request-id']).toBe(id)
  expect(response.ctx.get(notes)).toEqual({ request_id: id })
})

it('gives every request another one', async () => {
  await using gateway = await createTestGateway({ plugins, config })

  const responses = [await gateway.inject('/'), await gateway.inject('/')]

  expect(new Set(responses.map(({ headers }) => headers['x-request-id'])).size).toBe(2)
})

it('does not take the id that a client has chosen', async () => {
  await using gateway = await createTestGateway({ plugins, config })

  const response = await gateway.inject({ headers: { 'x-request-id': 'mine' } })

  expect(response.headers['x-request-id']).not.toBe('mine')
  expect(gateway.upstream.calls[0]?.headers['x-request-id']).not.toBe('mine')
})

it('takes the id of a proxy that the entrypoint trusts', async () => {
  await using gateway = await createTestGateway({
    plugins,
    config: hcl`
      entrypoints "web" {
        address = "127.0.0.1:0"
        forwarded_headers {
          trusted_ips = ["127.0.0.1"]
        }
      }
      ${config}
    `,
  })

  const response = await gateway.fetch('/', { headers: { 'x-request-id': 'from-the-edge' } })

  expect(response.headers.get('x-request-id')).toBe('from-the-edge')
})

it('runs from its configuration', async () => {
  const app = fakeUpstream.http(200)
  const file = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config: file, upstreams: { app } })

  const response = await gateway.fetch('/')

  expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
})

await runPluginContract(plugin, {
  valid: [{}, { header: 'x-trace' }],
  invalid: [{ header: 'no header' }],
})
