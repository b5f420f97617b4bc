import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../src/index.ts'
import { ClientPace, paceFor } from '../../src/server/client-pace.ts'

const mebibyte = 2 ** 20
const bounds = { ...defaultLimits, minRateGraceMs: 5000, uploadIdleMs: 60_000 }
const limits = { ...bounds, minUploadRate: 1000, minDownloadRate: 1000 }

describe('an upload', () => {
  it('has its time of grace before its rate counts', () => {
    const pace = begun()

    expect(upload(pace, 0)).toBe(5000)
    expect(pace.problem(4999)).toBeUndefined()
    expect(pace.problem(5000)).toMatchObject({ code: 'GW_HTTP1_UPLOAD_TOO_SLOW', status: 408 })
  })

  it('gains the time that its bytes may take', () => {
    const pace = begun()
    upload(pace, 0)

    pace.received(2000, 1000)

    expect(upload(pace, 1000)).toBe(7000)
  })

  it('may go on for ever at the least rate', () => {
    const pace = begun()
    upload(pace, 0)

    for (let second = 1; second <= 3600; second++) {
      expect(pace.problem(second * 1000)).toBeUndefined()
      pace.received(1000, second * 1000)
      upload(pace, second * 1000)
    }
  })

  it('that was fast gains no more than the time for which it may be silent', () => {
    const pace = begun()
    upload(pace, 0)

    pace.received(100 * mebibyte, 1)

    expect(upload(pace, 1)).toBe(60_001)
  })

  it('is not blamed for the time in which nobody takes it', () => {
    const pace = begun()
    upload(pace, 0)

    expect(pace.dueAt(2000, false, false, 0)).toBe(Number.POSITIVE_INFINITY)
    expect(pace.problem(1_000_000)).toBeUndefined()

    expect(upload(pace, 1_000_000)).toBe(1_003_000)
  })

  it('begins anew with each request', () => {
    const pace = begun()
    upload(pace, 0)
    upload(pace, 4000)

    pace.begin()

    expect(upload(pace, 10_000)).toBe(15_000)
  })
})

describe('a download', () => {
  it('has the time that its bytes may take, and its time of grace', () => {
    const pace = begun()

    expect(download(pace, 1000, 20_000)).toBe(26_000)
  })

  it('is not due sooner or later because it is looked at', () => {
    const pace = begun()
    download(pace, 0, 20_000)

    expect(download(pace, 24_000, 20_000)).toBe(25_000)
  })

  it('is not blamed while nothing waits for the client', () => {
    const pace = begun()
    download(pace, 0, 1000)

    expect(pace.dueAt(500, false, false, 1000)).toBe(Number.POSITIVE_INFINITY)

    expect(download(pace, 3_600_000, 2000)).toBe(3_606_000)
  })

  it('may go on for ever at the least rate, though the system takes its bytes in leaps', () => {
    const pace = begun()
    let written = 2 * mebibyte
    let now = 0

    for (let leap = 0; leap < 1000; leap++) {
      const dueAt = download(pace, now, written)
      now += mebibyte
      expect(now).toBeLessThan(dueAt)
      pace.dueAt(now, false, false, written)
      written += mebibyte
    }
  })

  it('that was fast gains no more than what the system may hold', () => {
    const pace = begun()

    expect(download(pace, 0, 1000 * mebibyte)).toBe(4 * mebibyte + 5000)
  })
})

describe('rates that are not configured', () => {
  it('need no pace at all', () => {
    expect(paceFor(defaultLimits)).toBeUndefined()
  })

  it('hold nobody back', () => {
    const uploads = new ClientPace({ ...bounds, minUploadRate: 1 })
    const downloads = new ClientPace({ ...bounds, minDownloadRate: 1 })
    downloads.received(1, 0)

    expect(uploads.dueAt(0, false, true, 1)).toBe(Number.POSITIVE_INFINITY)
    expect(downloads.dueAt(0, true, false, 1)).toBe(Number.POSITIVE_INFINITY)
    expect(downloads.problem(1_000_000)).toBeUndefined()
  })
})

function begun(): ClientPace {
  const pace = new ClientPace(limits)
  pace.begin()
  return pace
}

/** When an upload for which somebody waits is too slow. */
function upload(pace: ClientPace, now: number): number {
  return pace.dueAt(now, true, false, 0)
}

/** When a download that waits for the client is too slow. */
function download(pace: ClientPace, now: number, written: number): number {
  return pace.dueAt(now, false, true, written)
}
