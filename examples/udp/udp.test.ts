import { Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startServer } from './server.ts'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the UDP example', () => {
  it('has the name servers answer in turn, each session once', async () => {
    await using one = await startServer('192.0.2.1', 0)
    await using other = await startServer('192.0.2.2', 0)
    await using gateway = await start(one.url, other.url)
    const resolver = resolverOf(gateway)

    const answers = [
      await resolver.resolve4('www.example'),
      await resolver.resolve4('mail.example'),
    ]

    expect(answers.flat().toSorted()).toEqual(['192.0.2.1', '192.0.2.2'])
    await expect(resolver.resolve4('www.elsewhere')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    // The sessions have ended with their answers.
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('does without a server where nobody listens', async () => {
    await using one = await startServer('192.0.2.1', 0)
    const gone = await startServer('192.0.2.2', 0)
    await gone[Symbol.asyncDispose]()
    await using gateway = await start(gone.url, one.url)
    const resolver = resolverOf(gateway)

    // What the first server does not get is asked again.
    const answers = [await resolver.resolve4('a.example'), await resolver.resolve4('b.example')]

    expect(answers.flat()).toEqual(['192.0.2.1', '192.0.2.1'])
  })
})

function start(one: string, other: string): Promise<TestGateway> {
  const env = { DNS_ADDRESS: '127.0.0.1:0', DNS_A: one, DNS_B: other }
  return startGateway(file, { env })
}

function resolverOf(gateway: TestGateway): Resolver {
  const resolver = new Resolver({ timeout: 500, tries: 10 })
  resolver.setServers([`127.0.0.1:${gateway.port('dns')}`])
  return resolver
}
