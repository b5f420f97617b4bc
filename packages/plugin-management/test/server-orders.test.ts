import { type RawResponse, reply, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { ask, hclOf, json, jsonBody, start } from './support/management.ts'

describe('orders about a server', () => {
  it('keep new requests away from it until it is taken back, over reloads as well', async () => {
    await using one = await startUpstream(reply(200, {}, 'one'))
    await using two = await startUpstream(reply(200, {}, 'two'))
    const server = `${one.url}" }, { url = "${two.url}`
    await using gateway = await start({ server })

    const drained = await tell(gateway, one.url, 'drain')
    const meanwhile = await answers(gateway)
    await gateway.reload(hclOf({ server, management: 'hosts = ["a.test"]' }))
    const reloaded = await answers(gateway)
    const shown = await json(gateway, '/backends')
    await tell(gateway, one.url, 'undrain')
    const taken = await answers(gateway)

    expect([drained.status, drained.json()]).toEqual([
      200,
      { service: 'app', url: one.url, drained: true },
    ])
    expect([new Set(meanwhile), new Set(reloaded)]).toEqual([new Set(['two']), new Set(['two'])])
    expect(shown).toMatchObject([
      { url: one.url, state: 'draining', override: { drained: true, share: 1 } },
      { url: two.url, state: 'up', override: null },
    ])
    expect(new Set(taken)).toEqual(new Set(['one', 'two']))
  })

  it('give it a part of its weight', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start({ server: upstream.url })

    const response = await tell(gateway, upstream.url, 'weight', '{"share": 0.25}')
    const lowered = await json(gateway, '/backends')
    await tell(gateway, upstream.url, 'weight', '{"share": 1}')
    const again = await json(gateway, '/backends')

    expect(response.status).toBe(200)
    expect(lowered).toMatchObject([{ weight: 1, current_weight: 0.25, override: { share: 0.25 } }])
    expect(again).toMatchObject([{ current_weight: 1, override: null }])
  })

  it.each([
    ['{"share": 0}', 400],
    ['{"share": 2}', 400],
    ['{"share": "1"}', 400],
    ['nonsense', 400],
    ['', 400],
  ])('want a share that is one: %s', async (body, status) => {
    await using gateway = await start()

    const response = await tell(gateway, 'http://127.0.0.1:1', 'weight', body)

    expect(response.status).toBe(status)
  })

  it('are for servers that are there, and for those who may give them', async () => {
    await using gateway = await start()
    await using guarded = await start({ token: 'read-read-read-read' })
    const headers = { ...jsonBody.headers, authorization: 'Bearer read-read-read-read' }
    const path = '/services/app/backends/http%3A%2F%2F127.0.0.1%3A1/drain'

    const unknown = await tell(gateway, 'http://127.0.0.1:2', 'drain')
    const nothing = await tell(gateway, 'http://127.0.0.1:1', 'explode')
    const read = await ask(gateway, path)
    const reader = await ask(guarded, path, { method: 'POST', headers })

    expect([unknown.status, nothing.status, read.status, reader.status]).toEqual([
      404, 404, 405, 403,
    ])
  })
})

function tell(
  gateway: TestGateway,
  url: string,
  order: string,
  body: string = '',
): Promise<RawResponse> {
  const path = `/services/app/backends/${encodeURIComponent(url)}/${order}`
  return ask(gateway, path, { ...jsonBody, body })
}

async function answers(gateway: TestGateway): Promise<string[]> {
  const texts: string[] = []
  for (let sent = 0; sent < 6; sent++) texts.push((await gateway.request('/')).text)
  return texts
}
