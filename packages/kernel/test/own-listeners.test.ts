import { describe, expect, it } from 'vitest'
import { definePlugin, type Plugin } from '../src/plugin.ts'
import { MemoryGateway, plainConfig } from './support/memory-gateway.ts'
import type { MemoryNetwork } from './support/memory-network.ts'

describe('a section with a listener of its own', () => {
  it('listens beside the entrypoints, where no router can be', async () => {
    await using memory = await startDesk()

    expect([...memory.gateway.addresses.keys()].toSorted()).toEqual(['desk', 'web'])
    expect(memory.network.at('127.0.0.1:90').options).toEqual({ greeting: 'desk' })
    expect(memory.gateway.understood.blueprint.routers[0]?.entrypoints).toEqual(['web'])
  })

  it('is left alone by a reload that does not concern it', async () => {
    await using memory = await startDesk()
    const desk = memory.network.at('127.0.0.1:90')

    await memory.reload(withDesk({ shutdown_timeout_secs: 5 }))

    expect(memory.network.at('127.0.0.1:90')).toBe(desk)
    expect(desk.calls).toEqual(['listen'])
  })

  it('comes, gets other settings and goes by reload, and the entrypoints never notice', async () => {
    await using memory: MemoryGateway = new MemoryGateway([deskPlugin(() => memory.network)])
    await memory.gateway.start(plainConfig())
    const { web, network } = memory

    await memory.reload(withDesk())
    const desk = network.at('127.0.0.1:90')
    await memory.reload(withDesk({ desk: { address: '127.0.0.1:90', greeting: 'hi' } }))
    const boundBefore = network.boundAddresses
    await memory.reload(plainConfig())

    expect(desk.calls).toEqual(['listen', 'configure', 'drain'])
    expect(boundBefore).toEqual(['127.0.0.1:80', '127.0.0.1:90'])
    expect(network.boundAddresses).toEqual(['127.0.0.1:80'])
    expect(web.calls).toEqual(['listen'])
  })

  it('takes nothing of a reload if its address is in use, and says which key is to blame', async () => {
    await using memory = await startDesk()
    const { network } = memory
    network.refusing.set('127.0.0.1:91', Object.assign(new Error('taken'), { code: 'EADDRINUSE' }))

    const reload = memory.reload(
      withDesk({ desk: { address: '127.0.0.1:91' }, shutdown_timeout_secs: 5 }),
    )

    await expect(reload).rejects.toMatchObject({
      code: 'GW_ADDRESS_IN_USE',
      option: ['desk', 'address'],
    })
    expect(network.boundAddresses).toEqual(['127.0.0.1:80', '127.0.0.1:90'])
    expect(memory.gateway.snapshot.config.shutdown_timeout_secs).toBe(30)
  })

  it.each([
    ['127.0.0.1:80', 'address already used by entrypoint "web"'],
    ['nowhere', 'invalid address "nowhere"; expected "host:port", "[v6]:port" or ":port"'],
  ])('is refused at %s', async (address, message) => {
    const memory = new MemoryGateway([deskPlugin(() => memory.network)])

    const problems = await memory.gateway.validate(withDesk({ desk: { address } }))

    expect(problems).toEqual([expect.objectContaining({ path: ['desk', 'address'], message })])
  })

  it('stops after the last exchange of the entrypoints', async () => {
    const memory = await startDesk()
    const { web, network, gateway } = memory
    const exchange = web.open()
    await exchange.answer

    const stopped = gateway.shutdown()
    await new Promise(setImmediate)
    const meanwhile = network.boundAddresses
    const state = gateway.running.state
    await exchange.read()
    await stopped

    expect([meanwhile, state]).toEqual([['127.0.0.1:90'], 'draining'])
    expect(network.boundAddresses).toEqual([])
  })
})

async function startDesk(): Promise<MemoryGateway> {
  const memory = new MemoryGateway([deskPlugin(() => memory.network)])
  await memory.gateway.start(withDesk())
  return memory
}

function withDesk(rest: Readonly<Record<string, unknown>> = {}): ReturnType<typeof plainConfig> {
  return plainConfig({ desk: { address: '127.0.0.1:90' }, ...rest })
}

function deskPlugin(network: () => MemoryNetwork): Plugin {
  return definePlugin({
    name: 'desk',
    setup(gateway) {
      gateway.section<{ address: string; greeting: string }, undefined>({
        type: 'desk',
        labelled: false,
        schema: {
          type: 'object',
          additionalProperties: false,
          required: ['address'],
          properties: {
            address: { type: 'string', description: 'Where it listens.' },
            greeting: { type: 'string', default: 'desk', description: 'Says nothing.' },
          },
        },
        create: () => undefined,
        listeners: ({ address, greeting }) => [
          { address, protocol: network().http, options: { greeting } },
        ],
      })
    },
  })
}
