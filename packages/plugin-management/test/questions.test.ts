import type { TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { adminToken, ask, bearer, json, jsonBody, readToken, start } from './support/management.ts'

const blocks = `
    routers "writes" {
      rule     = "Host(\`api.example\`) && Method(\`POST\`)"
      priority = 100
      service  = "app"
    }
    routers "tenant" {
      rule    = "Header(\`x-tenant\`, \`a\`)"
      service = "app"
    }`

describe('who would take a request', () => {
  it('is told with the reasons of the others', async () => {
    await using gateway = await start({ blocks })

    const query = 'url=http://api.example/x&method=POST&header=x-tenant:%20b'

    expect(await json(gateway, `/explain?${query}`)).toMatchObject({
      request: { method: 'POST', target: '/x', host: 'api.example', entrypoint: 'web' },
      outcome: 'routed',
      chosen: { router: 'writes', service: 'app', servers: 1, available: 1 },
      others: [
        { router: 'tenant', matches: false, because: 'Header(`x-tenant`, `a`) does not hold' },
        { router: 'all', matches: true },
      ],
    })
  })

  it('is told for a question in a body, too', async () => {
    await using gateway = await start({ blocks })

    const answers = await Promise.all([
      match(gateway, { url: '/x', headers: { 'X-Tenant': 'a' } }),
      match(gateway, { url: '/x', headers: [['x-tenant', 'a']] }),
      match(gateway, { url: '/x', entrypoint: 'web', remote_address: '192.0.2.1' }),
    ])

    expect(answers).toMatchObject([
      { status: 200, body: { chosen: { router: 'tenant' } } },
      { status: 200, body: { chosen: { router: 'tenant' } } },
      {
        status: 200,
        body: { chosen: { router: 'all' }, request: { remote_address: '192.0.2.1' } },
      },
    ])
  })

  it.each([
    ['/explain', 400, 'expected a URL'],
    ['/explain?url=example.com', 400, 'found "example.com"'],
    ['/explain?url=/&header=x', 400, '"header": expected name: value'],
    ['/explain?url=/&entrypoint=wep', 404, 'did you mean "web"?'],
    ['/explain?url=/&metod=GET', 404, 'there is no option "metod"; did you mean "method"?'],
    ['/pipeline', 404, 'name a router'],
    ['/pipeline/al', 404, 'there is no router "al"; did you mean "all"?'],
    ['/hooks/finsih', 404, 'did you mean "finish"?'],
  ])('is refused if the question makes no sense: %s', async (path, status, message) => {
    await using gateway = await start()

    const answer = await ask(gateway, path)

    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject({ error: expect.stringContaining(message) })
  })

  it.each([
    ['[]', 'the body: expected a JSON object'],
    ['{', 'the body: expected a JSON object'],
    ['{"url":1}', '"url": expected a text, found 1'],
    ['{"url":"/","headers":{"x":1}}', '"headers": expected an object with texts'],
    ['{"url":"/","header":{}}', 'did you mean "headers"?'],
  ])('is refused if the body makes no sense: %s', async (body, message) => {
    await using gateway = await start()

    const { text } = await ask(gateway, '/match', { ...jsonBody, body })

    expect(JSON.parse(text)).toMatchObject({ error: expect.stringContaining(message) })
  })

  it('takes the token for reading', async () => {
    await using gateway = await start({ token: readToken, adminToken })

    const statuses = await Promise.all([
      ask(gateway, '/explain?url=/'),
      ask(gateway, '/explain?url=/', bearer(readToken)),
      ask(gateway, '/pipeline/all', bearer(readToken)),
    ])

    expect(statuses.map(({ status }) => status)).toEqual([401, 200, 200])
  })
})

describe('what requests pass', () => {
  it('is told of each router, and of each hook', async () => {
    await using gateway = await start()

    expect(await json(gateway, '/pipeline/all')).toMatchObject({
      router: 'all',
      service: 'app',
      steps: expect.arrayContaining([
        expect.objectContaining({ name: 'tag', type: 'headers', phase: 'onRequest' }),
      ]),
    })
    expect(await json(gateway, '/hooks/route')).toMatchObject({
      hooks: [{ hook: 'route', steps: [{ kind: 'rules', plugin: '@gatewright/kernel' }] }],
    })
  })
})

async function match(
  gateway: TestGateway,
  question: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status, text } = await ask(gateway, '/match', {
    ...jsonBody,
    body: JSON.stringify(question),
  })
  return { status, body: JSON.parse(text) }
}
