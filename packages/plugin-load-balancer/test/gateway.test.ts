import { reply, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('strategies in a gateway', () => {
  it('goes round-robin without a strategy, and goes on after a reload', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    await using c = await startUpstream(reply(200, {}, 'c'))
    const config = configOf([{ url: a.url }, { url: b.url }, { url: c.url }])
    await using gateway = await startGateway(config)

    const before = await answers(gateway, 4)
    await gateway.reload(config)
    const after = await answers(gateway, 4)

    expect([...before, ...after].join(' ')).toBe('a b c a b c a b')
  })

  it('follows weights, also when a reload changes them', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    const strategy = 'strategy = "weighted"'
    await using gateway = await startGateway(
      configOf([{ url: a.url, weight: 3 }, { url: b.url }], strategy),
    )

    const before = await answers(gateway, 8)
    await gateway.reload(configOf([{ url: a.url }, { url: b.url, weight: 2 }], strategy))
    const after = await answers(gateway, 6)

    expect(before.join(' ')).toBe('a a b a a a b a')
    expect(after.join(' ')).toBe('b a b b a b')
  })

  it('names the strategy that was probably meant', async () => {
    const servers = [{ url: 'http://127.0.0.1:9' }]

    const starting = startGateway(configOf(servers, 'strategy = "least-connection"'))

    await expect(starting).rejects.toThrow('did you mean "least-connections"?')
  })
})

interface Server {
  readonly url: string
  readonly weight?: number
}

async function answers({ request }: TestGateway, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let i = 0; i < count; i++) texts.push((await request('/')).text)
  return texts
}

function configOf(servers: readonly Server[], strategy = ''): string {
  const listed = servers.map(({ url, weight = 1 }) => `{ url = "${url}", weight = ${weight} }`)
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "pool"
    }
    services "pool" {
      load_balancer {
        ${strategy}
        servers = [${listed.join(', ')}]
      }
    }
  `
}
