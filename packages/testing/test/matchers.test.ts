import { describe, expect, it } from 'vitest'
import { createTestGateway, fakeUpstream, hcl } from '../src/index.ts'
// oxlint-disable-next-line import/no-unassigned-import
import '../src/vitest.ts'

const nowhere = hcl`
  routers "none" {
    rule    = "Host(\`none.test\`)"
    service = "api"
  }
`

describe('matchers', () => {
  it('compare the status and the fields of any response', async () => {
    const api = fakeUpstream.http({ status: 201, headers: { 'x-from': 'api 1' } })
    await using gw = await createTestGateway({ upstreams: { api } })

    for (const response of [await gw.inject(), await gw.fetch('/'), await gw.request('/')]) {
      expect(response).toHaveStatus(201)
      expect(response).toHaveHeader('X-From')
      expect(response).toHaveHeader('x-from', 'api 1')
      expect(response).toHaveHeader('x-from', /^api/)
      expect(response).not.toHaveHeader('x-other')
      expect(() => expect(response).toHaveStatus(200)).toThrow('expected the status 200, found 201')
      expect(() => expect(response).toHaveHeader('x-from', 'api')).toThrow(
        'expected "x-from: api", found "api 1"',
      )
    }
  })

  it('know problems', async () => {
    await using gw = await createTestGateway({
      config: nowhere,
      upstreams: { api: fakeUpstream.http() },
    })

    await expect(await gw.inject()).toBeProblem('GW_NO_ROUTE')
    await expect(await gw.fetch('/')).toBeProblem('GW_NO_ROUTE')
    await expect(expect(await gw.inject()).toBeProblem('GW_OTHER')).rejects.toThrow(
      'expected the problem GW_OTHER, found GW_NO_ROUTE',
    )
    const fine = await gw.inject('http://none.test/')
    await expect(fine).not.toBeProblem('GW_NO_ROUTE')
  })

  it('look into logs', async () => {
    await using gw = await createTestGateway()
    gw.gateway.log.warn({ plugin: 'hello' }, 'twice')

    expect(gw).toHaveLogged({ level: 'warn', msg: /twice/ })
    expect(gw.logs).not.toHaveLogged({ plugin: 'other' })
    expect(() => expect(gw).toHaveLogged({ plugin: 'other' })).toThrow(
      /expected an entry with plugin: other; the log has:[^]*twice/,
    )
  })
})
