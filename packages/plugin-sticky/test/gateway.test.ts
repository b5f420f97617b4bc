import {
  closeBeforeResponse,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
  type Upstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { cookieName, secret } from './browser.ts'

const keyed = `secret = "${secret}"`
const table = `${keyed}\nmode = "table"`

describe('sticky in a gateway', () => {
  it.each([keyed, table])('leads 100 requests of a client to one server: %s', async (options) => {
    await using servers = await Servers.start()
    await using gateway = await startGateway(servers.config(options))
    const clients = ['one', 'two', 'three', 'four'].map(() => new Client())

    const served = await Promise.all(clients.map((client) => client.ask(gateway, 100)))

    expect(served.map((names) => new Set(names).size)).toEqual([1, 1, 1, 1])
    expect(new Set(served.flat()).size).toBeGreaterThan(1)
    expect(clients.map(({ cookies }) => cookies.length)).toEqual([1, 1, 1, 1])
  })

  it('leads to the same server in another gateway and after a restart', async () => {
    await using servers = await Servers.start()
    const clients = [new Client(), new Client(), new Client()]
    const config = servers.config(keyed)

    const served: string[][] = []
    for (const _ of ['here', 'there', 'after a restart']) {
      await using gateway = await startGateway(config)
      const names = await Promise.all(clients.map((client) => client.ask(gateway, 5)))
      served.push(names.flat())
    }

    expect(served[1]).toEqual(served[0])
    expect(served[2]).toEqual(served[0])
    expect(clients.flatMap(({ cookies }) => cookies)).toHaveLength(3)
  })

  it.each([keyed, table])('leads to the same server after a reload: %s', async (options) => {
    await using servers = await Servers.start()
    await using gateway = await startGateway(servers.config(options))
    const client = new Client()
    const [server] = await client.ask(gateway, 1)

    await gateway.reload(servers.config(`${options}\nsame_site = "strict"`))

    expect(new Set(await client.ask(gateway, 10))).toEqual(new Set([server]))
  })

  it('binds a client anew when its server cannot be reached any more', async () => {
    await using servers = await Servers.start()
    await using gateway = await startGateway(servers.config(keyed))
    const client = new Client()
    const [before] = await client.ask(gateway, 1)
    await servers.kill(before)

    const [after, ...later] = await client.ask(gateway, 10)

    expect(after).not.toBe(before)
    expect(new Set(later)).toEqual(new Set([after]))
    expect(client.cookies).toHaveLength(2)
  })

  it('binds a client to the server that answered its second try', async () => {
    await using failing = await startUpstream(closeBeforeResponse())
    await using servers = await Servers.start(['b'])
    servers.upstreams.set('a', failing)
    await using gateway = await startGateway(servers.config(`${table}\nmax_sessions = 2`))
    const client = new Client()

    expect(new Set(await client.ask(gateway, 5))).toEqual(new Set(['b']))
    expect(client.cookies).toHaveLength(1)
  })

  it('gives a client that forges its cookie a right one', async () => {
    await using servers = await Servers.start()
    await using gateway = await startGateway(servers.config(keyed))
    const client = new Client(`${cookieName}=ZVlDCSpPVElpv6Z5iRvC0Q.t63k0z`)

    const names = await client.ask(gateway, 10)

    expect(new Set(names).size).toBe(1)
    expect(client.cookies).toHaveLength(1)
  })

  it('sends servers all cookies but its own, as they came', async () => {
    await using servers = await Servers.start(['a'])
    await using gateway = await startGateway(servers.config(keyed))
    using client = await gateway.connect()
    const lines = ['Host: shop.example', 'cookie:a="1 2";;  b', `COOKIE: c; ${cookieName}=x;d=4`]

    await client.send(`GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    await client.readResponse()
    await client.send(`GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: ${cookieName}=x\r\n\r\n`)
    await client.readResponse()

    const [first, second] = servers.upstreams.get('a')?.requests ?? []
    expect(first?.headerValues('cookie')).toEqual(['a="1 2";;  b', 'c;d=4'])
    expect(second?.headerValues('cookie')).toEqual([])
  })

  it('comes after the cookies of the server', async () => {
    await using upstream = await startUpstream(reply(200, { 'set-cookie': 'own=1' }))
    await using servers = await Servers.start([])
    servers.upstreams.set('a', upstream)
    await using gateway = await startGateway(servers.config(keyed))

    const response = await gateway.request('/')

    expect(response.headerValues('set-cookie')).toEqual([
      'own=1',
      expect.stringMatching(/^server=.*; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('lets clients go to the service that takes over, and come back to their servers', async () => {
    await using servers = await Servers.start()
    await using spare = await Servers.start(['spare'])
    const config = servers.config(keyed, spare.service('spare', ''), takesOver)
    await using gateway = await startGateway(config)
    const client = new Client()
    const [server] = await client.ask(gateway, 1)

    setHealthy(gateway, false)
    const meanwhile = await client.ask(gateway, 2)
    setHealthy(gateway, true)

    expect(meanwhile).toEqual(['spare', 'spare'])
    expect(await client.ask(gateway, 2)).toEqual([server, server])
    expect(client.cookies).toHaveLength(1)
  })

  it('leaves clients where they are while too few servers are healthy', async () => {
    await using servers = await Servers.start()
    const panics = servers.config(keyed).replace('sticky {', 'panic_threshold = 50\nsticky {')
    await using gateway = await startGateway(panics)
    const client = new Client()
    const [server] = await client.ask(gateway, 1)

    setHealthy(gateway, false)

    expect(await client.ask(gateway, 2)).toEqual([server, server])
  })

  it('keeps its cookie from what a mirror copies', async () => {
    await using servers = await Servers.start()
    await using shadow = await Servers.start(['shadow'])
    const config = servers.config(keyed, shadow.service('shadow', ''), copies)
    await using gateway = await startGateway(config)

    await new Client().ask(gateway, 2)

    const copied = shadow.upstreams.get('shadow')
    await vi.waitFor(() => expect(copied?.requests).toHaveLength(2))
    expect(copied?.requests.map(({ headers }) => headers['cookie'])).toEqual(['x=y', undefined])
  })

  it('knows from a trusted proxy whether its clients came over TLS', async () => {
    await using servers = await Servers.start()
    const trusting = servers
      .config(keyed)
      .replace('address', 'forwarded_headers {\n trusted_ips = ["127.0.0.1"]\n}\naddress')
    await using gateway = await startGateway(trusting)

    const cookies: string[] = []
    for (const proto of ['https', 'http']) {
      const { headers } = await gateway.request('/', { headers: { 'x-forwarded-proto': proto } })
      cookies.push(headers['set-cookie'] ?? '')
    }

    expect(cookies.map((cookie) => cookie.endsWith('; Secure'))).toEqual([true, false])
  })
})

describe('sticky without a secret', () => {
  it('warns once that a restart moves all clients', async () => {
    await using servers = await Servers.start()
    const config = servers.config('', servers.service('other', 'sticky { cookie = "other" }'))
    await using gateway = await startGateway(config)
    await gateway.reload(config)

    const warnings = gateway.logs.entries.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([
      { msg: 'sticky cookies have a random key: a restart moves clients to other servers' },
    ])
  })

  it('keeps clients at their servers through a reload', async () => {
    await using servers = await Servers.start()
    await using gateway = await startGateway(servers.config(''))
    const client = new Client()
    const [server] = await client.ask(gateway, 1)

    await gateway.reload(servers.config('ttl = "2h"'))

    expect(new Set(await client.ask(gateway, 10))).toEqual(new Set([server]))
  })
})

describe('sticky in one of several processes', () => {
  it.each(['', table])('is refused with %j, which holds for one only', async (options) => {
    await using servers = await Servers.start()

    const starting = startGateway(servers.config(options), { share: 0.5 })

    await expect(starting).rejects.toMatchObject({
      problems: [{ code: 'GW_STICKY_SEVERAL_PROCESSES' }],
    })
  })

  it.each([
    { by: 'the secret of the block', options: keyed, sharedSecret: '' },
    { by: 'the one that their parent gave them', options: '', sharedSecret: secret },
  ])('knows the cookies of the others by $by', async ({ options, sharedSecret }) => {
    await using servers = await Servers.start()
    await using one = await startGateway(servers.config(options), { share: 0.5, sharedSecret })
    await using other = await startGateway(servers.config(options), { share: 0.5, sharedSecret })
    const client = new Client()

    const names = [...(await client.ask(one, 5)), ...(await client.ask(other, 5))]

    expect(new Set(names).size).toBe(1)
  })
})

const takesOver = `
  failover {
    service = "spare"
  }`

const copies = `
  mirror {
    service = "shadow"
  }`

function setHealthy({ gateway }: TestGateway, healthy: boolean): void {
  const pool = gateway.snapshot.services.get('shop')?.pool
  for (const endpoint of pool?.all ?? []) pool?.setHealthy(endpoint, 'test', healthy)
}

/** A client that keeps its cookie. */
class Client {
  /** Every one that it was sent. */
  readonly cookies: string[] = []
  #cookie: string

  constructor(cookie = 'x=y') {
    this.#cookie = cookie
  }

  /** The servers that so many requests reach, one after the other on one connection. */
  async ask(gateway: TestGateway, times: number): Promise<string[]> {
    using connection = await gateway.connect()
    const names: string[] = []
    for (let i = 0; i < times; i++) {
      await connection.send(`GET / HTTP/1.1\r\nHost: shop\r\nCookie: ${this.#cookie}\r\n\r\n`)
      const response = await connection.readResponse()
      names.push(response.text)
      this.#keep(response.headerValues('set-cookie'))
    }
    return names
  }

  #keep([field]: readonly string[]): void {
    if (field === undefined) return
    this.cookies.push(field)
    this.#cookie = field.slice(0, field.indexOf(';'))
  }
}

/** Upstreams that answer with their names. */
class Servers implements AsyncDisposable {
  readonly upstreams = new Map<string, Upstream>()

  static async start(names: readonly string[] = ['a', 'b', 'c']): Promise<Servers> {
    const servers = new Servers()
    for (const name of names) {
      servers.upstreams.set(name, await startUpstream(reply(200, {}, name)))
    }
    return servers
  }

  /** A gateway in front of them that tries again. @param options Of the `sticky` block. */
  config(options: string, more = '', features = ''): string {
    return `
entrypoints "web" {
  address = "127.0.0.1:0"
}
middlewares "again" {
  type              = "retry"
  retry_interval_ms = 0
  retry_on_timeout  = true
}
routers "all" {
  rule        = "PathPrefix(\`/\`)"
  service     = "shop"
  middlewares = ["again"]
}
${this.service('shop', `sticky {\ncookie = "${cookieName}"\n${options}\n}`, features)}
${more}`
  }

  service(name: string, balancing: string, features = ''): string {
    const urls = [...this.upstreams.values()].map(({ url }) => `{ url = "${url}" }`)
    return `services "${name}" {
  load_balancer {
    servers = [${urls.join(', ')}]
    ${balancing}
  }${features}
}
`
  }

  async kill(name = ''): Promise<void> {
    await this.upstreams.get(name)?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upstream of this.upstreams.values()) await upstream[Symbol.asyncDispose]()
  }
}
