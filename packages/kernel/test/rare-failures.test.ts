import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errors } from '../src/errors.ts'
import type { GatewayError } from '../src/gateway-error.ts'
import { chainConfig, middlewaresOf, startMemory } from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a gateway that is out of files', () => {
  it('says so once in ten seconds, with how often it was', async () => {
    const headers = ['retry-after', '1']
    const params = { endpoint: 'http://a.test', problem: 'EMFILE' }
    await using memory = await started(() => errors.GW_OUT_OF_FILES(params, { headers }))

    const first = await memory.send()
    for (let i = 0; i < 50; i++) await memory.send()
    const early = memory.logs.find('request failed')
    vi.advanceTimersByTime(10_000)
    await memory.send()

    expect(first).toMatchObject({ status: 503 })
    expect(early).toMatchObject([
      { code: 'GW_OUT_OF_FILES', level: 'error', problem: expect.stringContaining('ulimit -n') },
    ])
    expect(memory.logs.find('request failed')).toMatchObject([{}, { count: 51 }])
  })

  it('tells other failures one by one', async () => {
    await using memory = await started(() => errors.GW_INTERNAL({ problem: 'no' }))

    for (let i = 0; i < 3; i++) await memory.send()

    expect(memory.logs.find('request failed')).toHaveLength(3)
  })
})

function started(fail: () => GatewayError): ReturnType<typeof startMemory> {
  const onRequest = (): never => {
    throw fail()
  }
  return startMemory(chainConfig({ m: { type: 'm' } }), [
    middlewaresOf({ m: () => ({ onRequest }) }),
  ])
}
