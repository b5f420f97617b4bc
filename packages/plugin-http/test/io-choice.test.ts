import { startGateway, startUpstream, type Upstream } from '@gatewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { io } from '../src/environment.ts'
import { useIo } from '../src/io-choice.ts'
import { configFor } from './behind.ts'

describe('the top-level key "io"', () => {
  const variable = 'GATEWRIGHT_IO'
  const before = process.env[variable]
  let upstream: Upstream

  beforeAll(async () => {
    upstream = await startUpstream()
  })

  afterAll(() => upstream.close())

  beforeEach(() => {
    delete process.env[variable]
  })

  afterEach(() => {
    if (before !== undefined) process.env[variable] = before
    else delete process.env[variable]
    // The next gateway chooses anew, but not everybody waits for one.
    useIo({ config: {} } as Parameters<typeof useIo>[0])
  })

  it('is fast by itself, and something else when it says so', async () => {
    const config = configFor(upstream.url)
    const { reload, request, close } = await startGateway(config)
    expect(io.mode).toBe('fast')
    expect((await request('/')).status).toBe(200)

    await reload({ ...config, io: 'portable' })

    expect(io.mode).toBe('portable')
    expect((await request('/')).status).toBe(200)
    await reload(config)
    expect(io.mode).toBe('fast')
    await close()
  })

  it('names what it may be', async () => {
    const { gateway, close } = await startGateway(configFor(upstream.url))

    const problems = await gateway.validate({ ...configFor(upstream.url), io: 'portabel' })

    expect(problems).toMatchObject([{ path: ['io'], suggestion: 'portable' }])
    await close()
  })

  it('gives way to the environment', async () => {
    process.env[variable] = 'portable'

    const { close } = await startGateway({ ...configFor(upstream.url), io: 'fast' })

    expect(io.mode).toBe('portable')
    await close()
  })

  it('is not started with an environment that says something unknown', async () => {
    process.env[variable] = 'quick'

    await expect(startGateway(configFor(upstream.url))).rejects.toMatchObject({
      message: expect.stringContaining('GATEWRIGHT_IO: expected one of auto, fast, portable'),
    })
  })
})
