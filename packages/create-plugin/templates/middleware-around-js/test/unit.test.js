import { mountMiddleware } from '@gatewright/testing'
import { expect, it } from 'vitest'
import { middleware } from '../src/middleware.js'

it('lets as many requests wait as it says', async () => {
  const answer = Promise.withResolvers()
  await using mounted = await mountMiddleware(middleware, { max: 1 })
  mounted.upstream.behave(() => answer.promise)

  const waiting = mounted.send()
  const refused = await mounted.send()
  answer.resolve(200)

  expect(refused.status).toBe(503)
  expect(refused.error?.code).toBe('GW_MY_PLUGIN_FULL')
  expect((await waiting).status).toBe(200)
})

it('takes the next request once one has its response', async () => {
  await using mounted = await mountMiddleware(middleware, { max: 1 })

  const first = await mounted.send()
  const second = await mounted.send()

  expect([first.status, second.status]).toEqual([200, 200])
})

it('still counts after a reload', async () => {
  const answer = Promise.withResolvers()
  await using mounted = await mountMiddleware(middleware, { max: 2 })
  mounted.upstream.behave(() => answer.promise)

  const waiting = mounted.send()
  await mounted.reload({ max: 1 })
  const refused = await mounted.send()
  answer.resolve(200)
  await waiting

  expect(refused.status).toBe(503)
})
