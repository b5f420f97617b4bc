import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Example, startExample } from './start-example.ts'

const partner = ['--header', 'X-API-Key: acme-demo-key']

let example: Example

beforeAll(async () => {
  example = await startExample()
})
afterAll(() => example[Symbol.asyncDispose]())

describe('the shop with all middlewares', () => {
  it('compresses the site for who takes that, and hides what it runs on', async () => {
    const [page] = await example.curl('/catalogue', '--compressed')

    expect(page?.status).toBe(200)
    expect(page?.head).toMatch(/^content-encoding: (br|gzip)$/im)
    expect(page?.head).toMatch(/^x-frame-options: DENY$/im)
    expect(page?.head).toMatch(/^x-request-id: \S+$/im)
    expect(page?.head).not.toMatch(/^server:/im)
    expect(page?.body).toContain('apples and pears')
  })

  it('sends no more than a burst of one client to the site', async () => {
    const pages = await example.curl('/?[1-200]', '--header', 'X-Forwarded-For: 198.51.100.1')
    const statuses = pages.map(({ status }) => status)

    expect(statuses.slice(0, 50)).toEqual(Array(50).fill(200))
    expect(statuses).toContain(429)
    expect(pages.find(({ status }) => status === 429)?.head).toMatch(/^retry-after: \d+$/im)
  })

  it('lets who is signed in use the API, and pages read why others may not', async () => {
    const origin = ['--header', 'Origin: https://app.example.com']
    const asks = ['--header', 'Access-Control-Request-Method: PUT', '--request', 'OPTIONS']
    const [preflight] = await example.curl('/api/hello', ...origin, ...asks)
    const [stranger] = await example.curl('/api/hello', ...origin)
    const [ann] = await example.curl(
      '/api/hello',
      ...origin,
      ...example.signedIn,
      '--header',
      'X-User: bea',
    )

    expect(preflight?.status).toBe(204)
    expect(stranger?.status).toBe(401)
    expect(stranger?.head).toMatch(/^access-control-allow-origin: https:\/\/app\.example\.com$/im)
    expect(ann?.body).toMatch(/^[AB] got GET \/hello from ann$/m)
  })

  it('sends requests of the API again that a server failed', async () => {
    const answers = await example.curl('/api/unreliable?[1-4]', ...example.signedIn)

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(answers.map(({ body }) => body[0])).toEqual(['A', 'A', 'A', 'A'])
  })

  it('counts what partners ask for, by their names', async () => {
    const [stranger] = await example.curl('/partners/hello')
    const liar = ['--header', 'X-User: ann', '--header', 'X-Consumer-Name: other']
    const answers = await example.curl('/partners/hello?[1-61]', ...partner, ...liar)
    const statuses = answers.map(({ status }) => status)

    expect(stranger?.status).toBe(401)
    expect(answers[0]?.body).toMatch(/^[AB] got GET \/hello\?1 from acme$/m)
    expect(answers[0]?.head).toMatch(/^ratelimit-remaining: 59$/im)
    expect(statuses).toEqual([...Array(60).fill(200), 429])
  })
})

describe('the rest of the shop', () => {
  it('asks the login server about accounts, and takes bodies of a usual size', async () => {
    const [stranger] = await example.curl('/account')
    const [cleo] = await example.curl('/account', '--cookie', 'session=cleo')
    const much = ['--data', 'x'.repeat(70_000)]
    const [tooMuch] = await example.curl('/account', '--cookie', 'session=cleo', ...much)

    expect(stranger?.status).toBe(302)
    expect(stranger?.head).toMatch(/^location: https:\/\/login\.example\.com\/$/im)
    expect(cleo?.body).toBe('account got GET /account from cleo\n')
    expect(tooMuch?.status).toBe(413)
  })

  it('lets staff into the admin area, from the office', async () => {
    const bea = ['--user', 'bea:gateway-example']
    const [inside] = await example.curl('/admin', ...bea)
    const [wrong] = await example.curl('/admin', '--user', 'bea:wrong')
    const [outside] = await example.curl(
      '/admin',
      ...bea,
      '--header',
      'X-Forwarded-For: 203.0.113.7',
    )

    expect(inside?.body).toBe('admin got GET /admin from bea\n')
    expect(wrong?.status).toBe(401)
    expect(outside?.status).toBe(403)
  })

  it('gives a service a rest that goes on failing', async () => {
    const answers = await example.curl('/api/broken?[1-6]', ...example.signedIn)

    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 503])
    expect(answers.at(-1)?.body).toContain('GW_CIRCUIT_OPEN')
  })

  it('refuses connections above the bound of the entrypoint', async () => {
    const { hostname, port } = new URL(example.url)
    const sockets = await Promise.all(
      Array.from({ length: 201 }, () => open(hostname, Number(port))),
    )
    const [refused] = await example.curl('/')
    for (const socket of sockets) socket.destroy()

    expect(refused?.status).toBe(503)
    expect(refused?.body).toContain('GW_TCP_FILTER_FULL')
  })
})

describe('a client that says who it is', () => {
  const names = ['X-User', 'x-user', 'X-USER', 'X-Consumer-Name']
  const visitor = ['--header', 'X-Forwarded-For: 198.51.100.2']

  it.each(names)('is nobody for the site, whatever it writes into %s', async (name) => {
    const lie = ['--header', `${name}: ann`]
    const [page] = await example.curl('/hello', ...visitor, ...lie)
    const [welcome] = await example.curl('/welcome', ...visitor, ...lie)

    expect(page?.body).toMatch(/^[AB] got GET \/hello from nobody$/m)
    expect(welcome?.body).toMatch(/^[AB] got GET \/catalogue from nobody$/m)
  })

  it.each(['//admin', '/./admin', '/%61dmin', '/x/../admin', '/ADMIN'])(
    'does not reach what staff works with as %s from elsewhere',
    async (path) => {
      const lie = ['--header', 'X-User: bea', '--path-as-is']
      const [answer] = await example.curl(path, ...visitor, ...lie)

      expect(answer?.body).not.toContain('admin got')
      expect(answer?.body).not.toContain('from bea')
    },
  )
})

describe('the paths of the shop', () => {
  it('leads old links on, and short ones to what they stand for', async () => {
    const [moved] = await example.curl('/catalog?page=2', '--header', 'Host: shop.example.com')
    const [welcome] = await example.curl('/welcome', '--compressed')

    expect(moved?.status).toBe(308)
    expect(moved?.head).toMatch(/^location: http:\/\/shop\.example\.com\/catalogue\?page=2$/im)
    expect(welcome?.body).toMatch(/^[AB] got GET \/catalogue from nobody\napples and pears$/m)
  })

  it('serves accounts under a name of their own', async () => {
    const [orders] = await example.curl(
      '/orders',
      '--header',
      'Host: account.example.com',
      '--cookie',
      'session=cleo',
    )

    expect(orders?.body).toMatch(/^account got GET \/account\/orders from cleo$/m)
  })
})

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host)
  // Those above the bound are closed by the gateway.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket.resume()
}
