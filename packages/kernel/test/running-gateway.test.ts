import { describe, expect, it } from 'vitest'
import { LonePeers } from '../src/peers.ts'
import type { RunningGateway } from '../src/running-gateway.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

describe('the gateway as plugins see it', () => {
  it('tells what runs since when', async () => {
    let running: RunningGateway | undefined
    const peers = new LonePeers()
    const asking = plugin('asking', (gateway) => {
      running = gateway.running
    })
    await using memory = new MemoryGateway([asking], { peers })

    await memory.gateway.start(plainConfig())

    expect(running).toMatchObject({
      state: 'running',
      exchanges: 0,
      liveSnapshots: 1,
      file: undefined,
    })
    expect(running?.startedAt).toEqual(running?.loadedAt)
    expect(running?.startedAt).toBeInstanceOf(Date)
    expect(running?.snapshot).toBe(memory.gateway.snapshot)
    expect(running?.peers).toBe(peers)
    expect(running?.plugins).toContain('asking')
  })

  it('goes on where the gateway was whose place it takes', async () => {
    const startedAt = new Date('2026-01-02T03:04:05Z')
    await using memory = new MemoryGateway([], { resumes: { version: 11, startedAt } })

    await memory.gateway.start(plainConfig())
    const { running } = memory.gateway
    const { version } = memory.gateway.snapshot
    await memory.gateway.reload(plainConfig(), { force: true })

    expect([version, memory.gateway.snapshot.version]).toEqual([11, 12])
    expect(running.startedAt).toEqual(startedAt)
    expect(running.loadedAt?.getTime()).toBeGreaterThan(startedAt.getTime())
  })

  it('answers questions that plugins ask each other in a lone process', async () => {
    await using memory = await startMemory()
    const { peers } = memory.gateway.running
    const answer = peers.answer('topic', () => 'answer')

    const heard = await peers.ask('topic')
    answer[Symbol.dispose]()

    expect([heard, await peers.ask('topic')]).toEqual([['answer'], []])
  })

  it('remembers a refused configuration until another one is good, even if nothing changes', async () => {
    await using memory = await startMemory()
    const { gateway } = memory
    const refused = gateway.reload({ ...plainConfig(), nonsense: 1 })

    await expect(refused).rejects.toMatchObject({ code: 'GW_CONFIG_INVALID' })
    const told = gateway.running.refused
    await gateway.reload(plainConfig())

    expect(told).toEqual({
      code: 'GW_CONFIG_INVALID',
      at: expect.any(Date),
      message: 'nonsense GW_CONFIG_UNKNOWN_KEY',
    })
    expect(gateway.running.refused).toBeUndefined()
  })

  it('checks a configuration without anything that runs noticing', async () => {
    let setUps = 0
    const counting = plugin('counting', () => void setUps++)
    await using memory = await startMemory({}, [counting])
    const { gateway, network } = memory

    const good = await gateway.running.validate(plainConfig())
    const bad = await gateway.running.validate(
      plainConfig({ routers: { app: { rule: '/', service: 'nowhere' } } }),
    )

    expect(good).toEqual([])
    expect(bad).toMatchObject([{ path: ['routers', 'app', 'service'] }])
    expect(setUps).toBe(3)
    expect(network.boundAddresses).toEqual(['127.0.0.1:80'])
    expect(gateway.snapshot.version).toBe(1)
  })

  it('has whoever owns the configuration read it again', async () => {
    await using memory: MemoryGateway = new MemoryGateway([], {
      reload: async () => ({ applied: true, report: await memory.gateway.reload(plainConfig()) }),
    })
    await memory.gateway.start(plainConfig())

    expect(await memory.gateway.running.requestReload()).toMatchObject({
      applied: true,
      report: { unchanged: true },
    })
  })

  it('says why if that is not possible, or fails', async () => {
    await using plain = await startMemory()
    await using failing = await startMemory({}, [], {
      reload: () => Promise.reject(new Error('boom')),
    })

    expect(await plain.gateway.running.requestReload()).toMatchObject({
      applied: false,
      code: 'GW_RELOAD_UNAVAILABLE',
    })
    expect(await failing.gateway.running.requestReload()).toMatchObject({
      applied: false,
      code: 'GW_INTERNAL',
    })
  })

  it('shows the configuration with its defaults', async () => {
    await using memory = await startMemory()

    expect(await memory.gateway.running.shownConfig()).toEqual(memory.gateway.snapshot.config)
  })
})
