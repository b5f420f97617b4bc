import { mountMiddleware } from '@gatewright/testing'
import { expect, it } from 'vitest'
import { middleware } from '../src/middleware.js'

it('marks responses with the note', async () => {
  await using mounted = await mountMiddleware(middleware, { note: 'good day' })

  const response = await mounted.send({ target: '/' })

  expect(response.status).toBe(200)
  expect(response.headers['x-my-plugin']).toBe('good day')
})

it('answers other methods with 405 and does not ask the service', async () => {
  await using mounted = await mountMiddleware(middleware, { methods: ['GET'] })

  const response = await mounted.send({ method: 'DELETE' })

  expect(response.status).toBe(405)
  expect(response.headers.allow).toBe('GET')
  expect(response.error?.code).toBe('GW_MY_PLUGIN_METHOD')
  expect(mounted.upstream.requests).toHaveLength(0)
})
