import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errors } from '../src/errors.ts'
import type { GatewayError } from '../src/gateway-error.ts'
import { flushRareLines, logRarely, type RareLine } from '../src/rare-lines.ts'
import { type MemoryLog, memoryLog } from './support/logs.ts'
import { chainConfig, middlewaresOf, startMemory } from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a failure that comes over and over', () => {
  it('is told once in ten seconds, with how often it was', async () => {
    await using memory = await started(() => errors.GW_INTERNAL({ problem: 'no' }))

    for (let i = 0; i < 51; i++) await memory.send()
    const early = memory.logs.find('request failed')
    vi.advanceTimersByTime(10_000)

    expect(early).toMatchObject([{ code: 'GW_INTERNAL', level: 'error' }])
    expect(early[0]).not.toHaveProperty('suppressed')
    expect(memory.logs.find('request failed')).toMatchObject([{}, { suppressed: 49 }])
  })

  it('is told at once if it is another one', async () => {
    let problem = ''
    await using memory = await started(() => errors.GW_INTERNAL({ problem }))

    for (problem of ['a', 'b', 'a', 'b']) await memory.send()

    expect(memory.logs.find('request failed')).toHaveLength(2)
  })

  it('is told for all that it is about at once if files run out', async () => {
    let endpoint = 0
    const headers = ['retry-after', '1']
    await using memory = await started(() => {
      const params = { endpoint: `http://${++endpoint}.test`, problem: 'EMFILE' }
      return errors.GW_OUT_OF_FILES(params, { headers })
    })

    for (let i = 0; i < 5; i++) expect(await memory.send()).toMatchObject({ status: 503 })

    expect(memory.logs.find('request failed')).toMatchObject([
      { code: 'GW_OUT_OF_FILES', level: 'error', problem: expect.stringContaining('ulimit -n') },
    ])
  })

  it('is not lost when the gateway ends', async () => {
    const memory = await started(() => errors.GW_INTERNAL({ problem: 'no' }))
    for (let i = 0; i < 3; i++) await memory.send()

    vi.useRealTimers()
    await memory[Symbol.asyncDispose]()

    expect(memory.logs.find('request failed')).toMatchObject([{}, { suppressed: 1 }])
  })
})

describe('a line that comes over and over', () => {
  it('has, if it comes after its time, how many did not', () => {
    const logs = memoryLog()
    const { log } = logs
    // As if the process had had no time for timers.
    vi.useFakeTimers({ toFake: ['performance'] })

    for (let i = 1; i <= 4; i++) write(log, 'a', i)
    vi.advanceTimersByTime(10_000)
    write(log, 'a', 5)

    expect(logs.find('again')).toMatchObject([{ i: 1 }, { i: 5, suppressed: 3 }])
  })

  it('is written late, as the first of those that were not, if no other comes', () => {
    const logs = memoryLog()
    const { log } = logs

    for (let i = 1; i <= 4; i++) write(log, 'a', i)
    vi.advanceTimersByTime(10_000)
    expect(logs.find('again')).toMatchObject([{ i: 1 }, { i: 2, suppressed: 2 }])
    write(log, 'a', 5)
    vi.advanceTimersByTime(10_000)
    vi.advanceTimersByTime(10_000)
    write(log, 'a', 6)

    expect(logs.find('again').map(({ i }) => i)).toEqual([1, 2, 5, 6])
  })

  it('leaves no timer once it does not come any more', () => {
    const { log } = memoryLog()
    write(log, 'a', 1)
    write(log, 'b', 1)

    vi.advanceTimersByTime(20_000)

    expect(vi.getTimerCount()).toBe(0)
  })

  it('is one of so many that are remembered', () => {
    const logs = memoryLog()
    const { log } = logs
    write(log, 'first', 1)
    write(log, 'first', 2)
    write(log, 'first', 3)

    for (let i = 0; i < 1000; i++) write(log, `other ${i}`, 0)

    expect(logs.find('again').filter(({ i }) => i !== 0)).toMatchObject([
      { i: 1 },
      { i: 2, suppressed: 1 },
    ])
    write(log, 'first', 4)
    expect(logs.find('again').at(-1)).toMatchObject({ i: 4 })
  })

  it('costs nothing at a level that is not logged', () => {
    const { log } = memoryLog()
    log.level = 'error'
    const fields = vi.fn<RareLine['fields']>(() => ({}))

    logRarely(log, { level: 'warn', subject: 'a', message: 'again', fields })
    flushRareLines()

    expect(fields).not.toHaveBeenCalled()
  })
})

function write(log: MemoryLog['log'], subject: string, i: number): void {
  logRarely(log, { level: 'warn', subject, message: 'again', fields: () => ({ i }) })
}

function started(fail: () => GatewayError): ReturnType<typeof startMemory> {
  const onRequest = (): never => {
    throw fail()
  }
  return startMemory(chainConfig({ m: { type: 'm' } }), [
    middlewaresOf({ m: () => ({ onRequest }) }),
  ])
}
