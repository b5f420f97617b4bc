import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

/** @param {number} max */
const config = (max) => hcl`
  middlewares "tested" {
    type = "my-plugin"
    max  = ${max}
  }
`

it('lets as many requests wait as it says', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(1) })
  const answer = Promise.withResolvers()
  gw.upstream.behave(() => answer.promise)

  const waiting = gw.inject()
  const refused = await gw.inject()
  answer.resolve(200)

  expect(refused.status).toBe(503)
  expect(refused.error?.code).toBe('GW_MY_PLUGIN_FULL')
  expect((await waiting).status).toBe(200)
})

it('takes the next request once one has its response', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(1) })

  const first = await gw.inject()
  const second = await gw.inject()

  expect([first.status, second.status]).toEqual([200, 200])
})

it('still counts after a reload', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(2) })
  const answer = Promise.withResolvers()
  gw.upstream.behave(() => answer.promise)

  const waiting = gw.inject()
  await gw.reload(config(1))
  const refused = await gw.inject()
  answer.resolve(200)
  await waiting

  expect(refused.status).toBe(503)
})

it('counts for each block by itself', async () => {
  await using gw = await createTestGateway({
    plugins: [plugin],
    config: hcl`
      middlewares "one" {
        type = "my-plugin"
        max  = 1
      }

      middlewares "other" {
        type = "my-plugin"
        max  = 1
      }

      routers "one" {
        rule        = "Path(\`/one\`)"
        service     = "upstream"
        middlewares = ["one"]
      }

      routers "other" {
        rule        = "Path(\`/other\`)"
        service     = "upstream"
        middlewares = ["other"]
      }
    `,
  })
  const answer = Promise.withResolvers()
  gw.upstream.behave(() => answer.promise)

  const waiting = gw.inject('/one')
  gw.upstream.behave(200)
  const other = await gw.inject('/other')
  answer.resolve(200)
  await waiting

  expect(other.status).toBe(200)
})
