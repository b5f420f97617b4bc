import { describe, expect, it } from 'vitest'
import {
  type CpuReading,
  cpuBetween,
  parseTicks,
  readCpu,
  tryParseSchedstat,
} from '../src/measure/cpu-clock.ts'
import { parseResidentBytes } from '../src/measure/memory.ts'

describe('tryParseSchedstat', () => {
  it('reads the nanoseconds on a processor', () => {
    expect(tryParseSchedstat('523754636 7680928 53\n')).toBe(523_754_636)
  })

  it.each(['', '1', '12 34', 'a b c'])('does not take "%s" for one', (text) => {
    expect(tryParseSchedstat(text)).toBeUndefined()
  })
})

describe('parseTicks', () => {
  it('reads user and system time behind a name with blanks and brackets', () => {
    const stat = '42 (a (strange) name) S 1 42 42 0 -1 4194304 10 0 0 0 51 7 0 0 20 0 11 0 99'

    expect(parseTicks(stat)).toEqual({ userTicks: 51, systemTicks: 7 })
  })
})

describe('cpuBetween', () => {
  const before: CpuReading = new Map([
    ['1/1', { nanos: 5_000_000, userTicks: 10, systemTicks: 10 }],
    ['1/2', { nanos: 9_000_000, userTicks: 1, systemTicks: 1 }],
  ])

  it('adds up the growth of all threads and counts new ones from their begin', () => {
    const after: CpuReading = new Map([
      ['1/1', { nanos: 7_000_000, userTicks: 13, systemTicks: 10 }],
      ['7/7', { nanos: 2_000_000, userTicks: 0, systemTicks: 1 }],
    ])

    expect(cpuBetween(before, after)).toEqual({ total: 4000, user: 3000, system: 1000 })
  })

  it('takes all of it for system time if no tick fell into it', () => {
    expect(cpuBetween(before, before)).toEqual({ total: 0, user: 0, system: 0 })
  })
})

describe.runIf(process.platform === 'linux')('readCpu', () => {
  it('sees every thread of this process', () => {
    const reading = readCpu([process.pid], 'stat')

    expect(reading.has(`${process.pid}/${process.pid}`)).toBe(true)
    expect(reading.size).toBeGreaterThan(1)
  })

  it('leaves out processes that have ended', () => {
    // Beyond the largest pid that Linux gives.
    expect(readCpu([2 ** 22 + 1], 'schedstat').size).toBe(0)
  })
})

describe('parseResidentBytes', () => {
  it('reads VmRSS', () => {
    expect(parseResidentBytes('Name:\tnode\nVmRSS:\t   1024 kB\nThreads:\t1\n')).toBe(1_048_576)
  })

  it('is 0 for a process that has no memory left', () => {
    expect(parseResidentBytes('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0)
  })
})
