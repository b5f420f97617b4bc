import {
  chunked,
  createTestGateway,
  fakeUpstream,
  hcl,
  runPluginContract,
} from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from './index.ts'

const plugins = [plugin]
const config = hcl`
  middlewares "tested" {
    type           = "json-redact"
    keys           = ["password"]
    max_body_bytes = 100
  }
`
const json = { 'content-type': 'application/json; charset=utf-8' }

it('replaces what has such a name, at any depth', async () => {
  await using gateway = await createTestGateway({ plugins, config })
  const body = '{"name":"ann","password":"x","old":[{"password":{"is":"y"}}]}'
  gateway.upstream.behave({ status: 200, headers: { ...json, etag: '"1"' }, body })

  const response = await gateway.inject()

  expect(response.json()).toEqual({
    name: 'ann',
    password: '[redacted]',
    old: [{ password: '[redacted]' }],
  })
  expect(response.headers.etag).toBeUndefined()
})

it('leaves alone what is no JSON', async () => {
  await using gateway = await createTestGateway({ plugins, config })
  const body = '{"password":"x"}'
  gateway.upstream.behave({ status: 200, headers: { 'content-type': 'text/plain' }, body })

  expect((await gateway.inject()).text).toBe(body)
})

it('asks the service for all of it, and not compressed', async () => {
  await using gateway = await createTestGateway({ plugins, config })

  await gateway.inject({ headers: { 'accept-encoding': 'gzip', range: 'bytes=0-9' } })

  expect(gateway.upstream.calls[0]?.headers).not.toHaveProperty('accept-encoding')
  expect(gateway.upstream.calls[0]?.headers).not.toHaveProperty('range')
})

it.each([
  ['is no JSON', '{"password":', {}, 'GW_JSON_REDACT_INVALID'],
  ['is too large', `"${'x'.repeat(200)}"`, {}, 'GW_JSON_REDACT_TOO_LARGE'],
  ['is compressed', 'x', { 'content-encoding': 'br' }, 'GW_JSON_REDACT_ENCODED'],
])('passes nothing on that %s', async (_, body, headers, code) => {
  await using gateway = await createTestGateway({ plugins, config })
  gateway.upstream.behave({ status: 200, headers: { ...json, ...headers }, body })

  const response = await gateway.inject()

  expect(response.status).toBe(502)
  expect(response.error?.code).toBe(code)
  expect(response.text).not.toContain('x'.repeat(9))
})

it('reads no more than the limit of a body whose length nobody knows', async () => {
  const app = fakeUpstream.http(chunked(200, json, ['"', 'x'.repeat(99), 'x'.repeat(99), '"']))
  await using gateway = await createTestGateway({ plugins, config, upstreams: { app } })

  const response = await gateway.inject()

  expect(response.status).toBe(502)
  expect(response.error?.code).toBe('GW_JSON_REDACT_TOO_LARGE')
})

it('runs from its configuration', async () => {
  const app = fakeUpstream.http({ json: { name: 'ann', iban: 'DK50' } })
  const file = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config: file, upstreams: { app } })

  const response = await gateway.fetch('/')

  expect(await response.json()).toEqual({ name: 'ann', iban: '[redacted]' })
})

await runPluginContract(plugin, {
  valid: [{ keys: ['password'] }, { keys: ['a'], max_body_bytes: '1KiB' }],
  invalid: [{}, { keys: [] }],
})
