import {
  after,
  type Behaviour,
  closeBeforeResponse,
  reply,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configOf, countsOf } from './shadowed.ts'

const told = { msg: 'the shadow answers differently' }

describe('a comparison', () => {
  it('tells of another status and of other values of the chosen fields', async () => {
    const report = await compared(
      reply(200, { 'content-type': 'text/plain', 'x-other': '1' }),
      reply(404, { 'content-type': 'text/html', 'x-other': '2' }),
    )

    expect(report.differs).toBe(1)
    expect(report.entries).toMatchObject([
      {
        level: 'info',
        service: 'shop',
        shadow: 'next',
        router: 'all',
        method: 'GET',
        path: '/secret',
        status: 200,
        shadowStatus: 404,
        headers: ['content-type'],
        suppressed: 0,
      },
    ])
    expect(JSON.stringify(report.entries)).not.toMatch(/hidden|text\/|x-other/)
  })

  it.each([
    ['missing field', reply(200, { 'content-type': 'a' }), reply()],
    ['additional field', reply(), reply(200, { 'content-type': 'a' })],
    ['repeated field', reply(200, { etag: '1' }), reply(200, { etag: ['1', '1'] })],
  ])('notices a %s', async (_what, primary, shadow) => {
    expect(await compared(primary, shadow)).toMatchObject({ differs: 1 })
  })

  it.each([
    [
      'the same',
      reply(200, { ETag: '1' }, 'one body'),
      reply(200, { etag: '1', date: 'x' }, 'another body'),
    ],
    ['not there, since the shadow failed', reply(), closeBeforeResponse()],
    ['not there, since the service failed', closeBeforeResponse(), reply()],
  ])('says nothing if the answers are %s', async (_what, primary, shadow) => {
    expect(await compared(primary, shadow)).toEqual({ differs: 0, entries: [] })
  })

  it('waits for whichever answer comes later', async () => {
    const release = Promise.withResolvers<void>()
    await using primary = await startUpstream(after(release.promise, reply(200)))
    await using shadow = await startUpstream(reply(204))
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'compare = true' }),
    )

    const pending = gateway.request('/')
    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(1))
    expect(countsOf(gateway).differs).toBe(0)
    release.resolve()
    await pending

    expect(countsOf(gateway).differs).toBe(1)
  })

  it('counts all differences and logs some', async () => {
    await using primary = await startUpstream(reply(200))
    await using shadow = await startUpstream(reply(204))
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        mirror: 'compare = true\ncompare_log_limit = 2',
      }),
    )

    for (let i = 0; i < 5; i++) await gateway.request('/')

    await vi.waitFor(() => expect(countsOf(gateway).differs).toBe(5))
    expect(gateway.logs.find(told)).toHaveLength(2)
  })

  it('is not made unless it is wanted', async () => {
    await using primary = await startUpstream(reply(200))
    await using shadow = await startUpstream(reply(204))
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))

    await gateway.request('/')

    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(1))
    expect(countsOf(gateway).differs).toBe(0)
  })
})

async function compared(
  primaryDoes: Behaviour,
  shadowDoes: Behaviour,
): Promise<{ differs: number; entries: readonly unknown[] }> {
  await using primary = await startUpstream(primaryDoes)
  await using shadow = await startUpstream(shadowDoes)
  await using gateway = await startGateway(
    configOf({
      primary: primary.url,
      shadow: shadow.url,
      mirror: 'compare = true\ncompare_headers = ["Content-Type", "ETag"]',
    }),
  )
  await gateway.request('/secret?token=hidden')
  const counts = countsOf(gateway)
  await vi.waitFor(() => expect(counts.outcomes.sent + counts.outcomes.failed).toBe(1))
  return { differs: counts.differs, entries: gateway.logs.find(told) }
}
