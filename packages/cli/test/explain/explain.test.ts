import { parseHcl } from '@gatewright/config-hcl'
import { Gateway, type Inspected } from '@gatewright/kernel'
import {
  type Explanation,
  explain,
  pipeline,
  type RouteQuestion,
} from '@gatewright/plugin-management'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { ConfigFile } from '../../src/config-file.ts'
import { manyRouters } from './many-routers.ts'

describe('the router that takes a request', () => {
  it.each<[string, string | null, RouteQuestion]>([
    ['by host and path', 'api', at('http://api.example.com/v1/users')],
    ['whatever the case and port of the host', 'api', at('http://API.example.com:18080/v1')],
    ['by host in a header', 'api', at('/v1', ['Host', 'api.example.com'])],
    ['by method', 'writes', { ...at('http://api.example.com/v1'), method: 'PUT' }],
    ['by header', 'tenant', at('http://api.example.com/v1', ['X-Tenant', 'a'])],
    ['by the address of the client', 'near', { ...at('/x'), remote_address: '10.1.2.3' }],
    ['by priority among equals', 'all', at('/x')],
    ['by entrypoint', 'private', { ...at('/v1'), entrypoint: 'internal' }],
    ['by the port that leads to an entrypoint', 'private', { url: 'http://example.com:18081/v1' }],
    ['if nobody does', null, { ...at('/x'), entrypoint: 'internal' }],
    ['by server name of a stream', 'db', { url: 'tls://db.example.com:15432' }],
    ['if the stream has another server name', null, { url: 'tls://other.example.com' }],
    ['if the stream has none', null, { url: 'tcp://db.example.com' }],
    ['for datagrams', 'dns', { url: 'udp://127.0.0.1:15353' }],
  ])('is found %s', async (_how, router, question) => {
    const { chosen, outcome } = await ask(question)

    expect(chosen?.router ?? null).toBe(router)
    expect(outcome).toBe(router === null ? 'no-route' : 'routed')
  })

  it('is told with the reasons of all others, in the order in which they are asked', async () => {
    const { chosen, others } = await ask(at('http://api.example.com/public/v1', ['x-tenant', 'a']))

    expect(chosen).toMatchObject({
      router: 'all',
      because: 'its rule holds, and that of no other router does',
      middlewares: [],
      service: 'app',
      servers: 2,
    })
    expect(others.map(({ router, because }) => [router, because])).toEqual([
      ['writes', 'Method(`POST`, `PUT`) does not hold'],
      ['tenant', 'PathPrefix(`/public`) holds'],
      ['api', 'PathPrefix(`/v1`) does not hold'],
      ['private', 'it does not listen at the entrypoint "web"'],
      ['near', 'ClientIP(`10.0.0.0/8`) does not hold'],
    ])
  })

  it('is told with its middlewares, in their order', async () => {
    const { chosen } = await ask(at('http://api.example.com/v1'))

    expect(chosen?.middlewares).toEqual([
      { name: 'limit', type: 'rate-limit' },
      { name: 'again', type: 'retry' },
      { name: 'strip', type: 'strip-prefix' },
    ])
  })

  it('is nobody if the path is refused before routers are asked', async () => {
    const { outcome, error } = await ask(at('http://api.example.com/v1/../admin'))

    expect(outcome).toBe('refused')
    expect(error).toMatchObject({ code: 'GW_ROUTER_UNSAFE_PATH', status: 400 })
  })

  it('sees what clients would send for a path with other letters', async () => {
    const { request } = await ask(at('http://bücher.example/straße?q=a b#part'))

    expect(request).toMatchObject({
      host: 'xn--bcher-kva.example',
      target: '/stra%C3%9Fe?q=a%20b',
    })
  })

  it('has its rule kept to itself if that came from the environment', async () => {
    process.env['GATEWRIGHT_TEST_RULE'] = 'Host(`swordfish.example`)'
    const text = manyRouters.replace(/rule += "Header.*"/, 'rule = env("GATEWRIGHT_TEST_RULE")')
    const told = JSON.stringify(await ask(at('http://api.example.com/v1'), text))
    delete process.env['GATEWRIGHT_TEST_RULE']

    expect(told).not.toContain('swordfish')
    expect(JSON.parse(told)).toMatchObject({
      others: expect.arrayContaining([
        expect.objectContaining({ router: 'tenant', rule: '[redacted]' }),
      ]),
    })
  })
})

describe('a question that makes no sense', () => {
  it.each<[RouteQuestion, string]>([
    [{ url: 'api.example.com' }, 'a path that begins with /, found "api.example.com"'],
    [{ url: 'ftp://example.com/' }, 'the scheme of the URL: expected http, https, ws, wss, tcp'],
    [{ url: 'http:///x' }, 'the host of the URL'],
    [{ url: 'http://a b/' }, 'the host of the URL'],
    [{ url: 'http://user:swordfish@example.com/' }, 'found "…@example.com"'],
    [{ url: '/', method: 'GET /' }, 'the method: expected a word such as GET'],
    [{ url: '/', headers: [['x y', '1']] }, 'a header: expected name: value, found "x y: 1"'],
    [{ url: '/', headers: [['x', 'a\r\nb: c']] }, 'the header "x": expected one line'],
    [{ url: '/', remote_address: 'me' }, "the client's address: expected an IP address"],
    [{ url: '/', entrypoint: 'wep' }, 'there is no entrypoint "wep"; did you mean "web"?'],
    [{ url: 'http://example.com/' }, 'several entrypoints may be meant'],
  ])('is refused with what is wrong: %j', async (question, message) => {
    await expect(ask(question)).rejects.toMatchObject({
      code: expect.stringMatching(/^GW_QUESTION_/),
      message: expect.stringContaining(message),
    })
  })
})

describe('the pipeline of a router', () => {
  it('has middlewares by their place in the list, features by stage, and the way out', async () => {
    const text = manyRouters.replace(
      'services "app" {',
      'services "app" {\n  failover {\n    service = "spare"\n  }',
    )
    const spare = `${text}
      services "spare" {
        load_balancer {
          servers = [{ url = "http://127.0.0.1:5" }]
        }
      }`
    const { steps, service } = await inspect(spare, (inspected) => pipeline(inspected, 'api'))

    expect(service).toBe('app')
    expect(steps.map(({ position }) => position)).toEqual(steps.map((_step, index) => index + 1))
    expect(steps.map(({ phase, name }) => `${phase} ${name}`)).toEqual([
      'route rules of the routers',
      'onRequest limit',
      'around again',
      'onRequest strip',
      'begin failover',
      'pick round-robin',
      'send http1',
      'onResponse limit',
    ])
    expect(steps.find(({ name }) => name === 'again')).toMatchObject({
      plugin: '@gatewright/plugin-retry',
      because: 'number 2 in the list of the router, around everything after it',
      source: 'routers.api.middlewares[1]',
    })
  })

  it('has the taps of plugins that the configuration uses, with their stages', async () => {
    const text = `${manyRouters}\nmetrics {}\n`
    const { steps } = await inspect(text, (inspected) => pipeline(inspected, 'api', 'finish'))

    expect(steps).toMatchObject([
      { kind: 'tap', plugin: '@gatewright/plugin-metrics', stage: 0, phase: 'finish' },
    ])
  })

  it.each([
    ['apj', undefined, 'there is no router "apj"; did you mean "api"?'],
    ['api', 'finsih', 'there is no hook "finsih"; did you mean "finish"?'],
  ])('is refused for a wrong name: %s %s', async (router, phase, message) => {
    const asking = inspect(manyRouters, (inspected) => pipeline(inspected, router, phase))

    await expect(asking).rejects.toMatchObject({ message })
  })
})

/** A question about the entrypoint `web`. */
function at(url: string, header?: readonly [string, string]): RouteQuestion {
  return { url, entrypoint: 'web', ...(header !== undefined && { headers: [header] }) }
}

function ask(question: RouteQuestion, text: string = manyRouters): Promise<Explanation> {
  return inspect(text, (inspected) => explain(inspected, question))
}

async function inspect<T>(text: string, look: (inspected: Inspected) => T): Promise<T> {
  const document = await parseHcl(text, { file: 'gateway.hcl' })
  const loader = new ConfigFile(undefined).createLoader()
  await using gateway = new Gateway({ log: pino({ level: 'silent' }), loader })
  return await gateway.inspect(document, look)
}
