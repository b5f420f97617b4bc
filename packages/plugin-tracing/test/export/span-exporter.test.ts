import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { deadUrl, type RecordedLogs, recordLogs, testCertificate } from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pauseBefore } from '../../src/export/pauses.ts'
import { type ExportSettings, SpanExporter } from '../../src/export/span-exporter.ts'
import { newSpanId, newTraceId } from '../../src/propagation/ids.ts'
import { Attributes, Kind, type Span } from '../../src/spans/span.ts'
import { type Answer, startCollector, take } from '../collector.ts'

/** On a machine that has other things to do. */
const patience = { timeout: 5000 }

afterEach(() => void vi.useRealTimers())

describe('the exporter', () => {
  it('sends full batches at once, and what is left when it is told to', async () => {
    await using collector = await startCollector()
    await using exporter = make(collector.url, { batchSize: 3 })

    addSpans(exporter, 8)
    await vi.waitFor(() => expect(collector.batches).toEqual([3, 3]), patience)
    expect(exporter.queued).toBe(2)
    await exporter.flush()

    expect(collector.batches).toEqual([3, 3, 2])
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(8)
    expect(collector.problems).toEqual([])
    expect(exporter.exported).toBe(8)
  })

  it('sends what waits for company after a while', async () => {
    await using collector = await startCollector()
    await using exporter = make(collector.url, { batchDelayMs: 1 })

    addSpans(exporter, 1)

    await vi.waitFor(() => expect(collector.batches).toEqual([1]), patience)
  })

  it('has one message under way at a time, and drops what its queue has no place for', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow: Answer = (response) => void promise.then(() => take(response))
    await using collector = await startCollector(slow)
    const logs = recordLogs()
    await using exporter = make(collector.url, { batchSize: 2, queueSize: 5 }, logs)

    addSpans(exporter, 10)
    await vi.waitFor(() => expect(collector.requests).toHaveLength(1), patience)

    expect(exporter.queued).toBe(5)
    expect(exporter.lost).toEqual({ queue_full: 3, failed: 0, rejected: 0 })
    expect(warnings(logs)).toEqual(['the collector is too slow'])
    resolve()
    await exporter.flush()
    expect(collector.batches).toEqual([2, 2, 2, 1])
  })

  it.each([429, 502, 503, 504])('sends a batch once more after a %i', async (status) => {
    await using collector = await startCollector(failing(2, status))
    const pauses: unknown[] = []
    await using exporter = make(collector.url, { pauseBefore: (...asked) => pauses.push(asked) })

    addSpans(exporter, 2)
    await exporter.flush()

    expect(pauses).toEqual([
      [1, undefined],
      [2, undefined],
    ])
    expect(collector.requests).toHaveLength(3)
    expect(collector.batches).toEqual([2])
    expect(exporter.lost).toEqual({ queue_full: 0, failed: 0, rejected: 0 })
  })

  it.each([
    ['7', 7000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('waits as long as the collector says: %s', async (value, pauseMs) => {
    await using collector = await startCollector(failing(1, 503, value))
    const pauses: unknown[] = []
    await using exporter = make(collector.url, {
      pauseBefore: (_tries, afterMs) => {
        pauses.push(afterMs)
        return 0
      },
    })

    addSpans(exporter, 1)
    await exporter.flush()

    expect(pauses).toEqual([pauseMs])
    expect(exporter.exported).toBe(1)
  })

  it('gives a batch up after five tries, and tells so once until it goes on', async () => {
    await using collector = await startCollector(failing(10, 503))
    const logs = recordLogs()
    await using exporter = make(collector.url, { batchSize: 2 }, logs)

    addSpans(exporter, 4)
    await exporter.flush()

    expect(collector.requests).toHaveLength(10)
    expect(exporter.lost['failed']).toBe(4)
    expect(warnings(logs)).toEqual(['it answers 503'])

    addSpans(exporter, 1)
    await exporter.flush()

    expect(logs.entries.at(-1)?.msg).toBe('spans arrive at the collector again')
  })

  it.each([400, 401, 404, 500])('gives a batch up at once after a %i', async (status) => {
    await using collector = await startCollector(failing(1, status))
    const logs = recordLogs()
    await using exporter = make(collector.url, {}, logs)

    addSpans(exporter, 2)
    await exporter.flush()

    expect(collector.requests).toHaveLength(1)
    expect(exporter.lost['failed']).toBe(2)
    expect(warnings(logs)).toEqual([`it answers ${status}`])
  })

  it('counts what the collector has taken a batch without', async () => {
    const answer = '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'
    await using collector = await startCollector((response) => void response.end(answer))
    await using exporter = make(collector.url)

    addSpans(exporter, 5)
    await exporter.flush()

    expect(exporter.exported).toBe(3)
    expect(exporter.lost['rejected']).toBe(2)
  })

  it('loses no more than it must when nobody is there, or somebody hangs up', async () => {
    await using collector = await startCollector((response) => void response.destroy())
    await using nobody = make(await deadUrl())
    await using rude = make(collector.url)

    for (const exporter of [nobody, rude]) {
      addSpans(exporter, 3)
      await exporter.flush()
    }

    expect([nobody.lost['failed'], rude.lost['failed']]).toEqual([3, 3])
    expect(collector.requests).toHaveLength(5)
  })

  it('tells nothing to somebody who has no certificate', async () => {
    const { cert, key } = await testCertificate()
    const asked: unknown[] = []
    const impostor = createServer({ cert, key }, (request) => void asked.push(request))
    impostor.listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    // It listens.
    const { port } = impostor.address() as AddressInfo
    const logs = recordLogs()
    await using exporter = make(`https://127.0.0.1:${port}`, {}, logs)

    addSpans(exporter, 1)
    await exporter.flush()
    impostor.close()

    expect(asked).toEqual([])
    expect(warnings(logs)).toEqual([expect.stringContaining('certificate')])
  })

  it('sends what it has before it goes, without waiting for its turn', async () => {
    await using collector = await startCollector(failing(1, 503))
    const exporter = make(collector.url, { batchSize: 2, pauseBefore: () => 3_600_000 })
    addSpans(exporter, 5)
    await vi.waitFor(() => expect(collector.requests).toHaveLength(1), patience)

    await exporter[Symbol.asyncDispose]()

    expect(collector.batches).toEqual([2, 2, 1])
    expect(exporter.exported).toBe(5)
  })

  it('holds nobody up for more than two seconds', async () => {
    await using collector = await startCollector(() => undefined)
    const exporter = make(collector.url, { batchSize: 2 })
    addSpans(exporter, 5)
    await vi.waitFor(() => expect(collector.requests).toHaveLength(1), patience)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

    const gone = exporter[Symbol.asyncDispose]()
    await vi.advanceTimersByTimeAsync(2000)
    await gone

    expect(exporter.lost['failed']).toBe(5)
    addSpans(exporter, 1)
    expect(exporter.lost['queue_full']).toBe(1)
  })

  it('gives up a collector that never answers', async () => {
    await using collector = await startCollector(() => undefined)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const logs = recordLogs()
    await using exporter = make(collector.url, { pauseBefore: () => 3_600_000 }, logs)

    addSpans(exporter, 1)
    void exporter.flush()
    await vi.waitFor(() => expect(collector.requests).toHaveLength(1), patience)
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()

    await vi.waitFor(() => expect(warnings(logs)).toEqual(['no answer in time']), patience)
    collector.answer = take
  })
})

describe('the pause before a try', () => {
  it('grows, is never quite the same, and is what the collector asks for within bounds', () => {
    const nominal = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
    const pauses = nominal.map((_, index) => pauseBefore(index + 1, undefined))

    for (const [index, expected] of nominal.entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(expected * 0.8)
      expect(pauses[index]).toBeLessThanOrEqual(expected * 1.2)
    }
    expect(pauseBefore(1, 5000)).toBe(5000)
    expect(pauseBefore(1, 86_400_000)).toBe(30_000)
  })
})

function make(
  url: string,
  settings: Partial<ExportSettings> = {},
  logs: RecordedLogs = recordLogs(),
): SpanExporter {
  const defaults = { batchSize: 512, batchDelayMs: 3_600_000, queueSize: 2048 }
  const all = { headers: {}, resource: {}, pauseBefore: () => 0, ...defaults, ...settings }
  return new SpanExporter({ ...all, endpoint: new URL(url) }, logs.log)
}

function addSpans(exporter: SpanExporter, count: number): void {
  for (let i = 0; i < count; i++) exporter.add(span())
}

function span(): Span {
  return {
    traceId: newTraceId(),
    spanId: newSpanId(),
    parentId: undefined,
    remoteParent: false,
    state: undefined,
    flags: 0,
    kind: Kind.server,
    name: 'GET',
    startedAt: 1,
    endedAt: 2,
    attributes: new Attributes(),
    failed: false,
    link: undefined,
  }
}

/** Answers so for a while before it takes everything. */
function failing(times: number, status: number, retryAfter?: string): Answer {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  return (response, index) => {
    if (index < times) response.writeHead(status, headers).end()
    else take(response)
  }
}

function warnings({ entries }: RecordedLogs): unknown[] {
  return entries
    .filter(({ msg }) => msg === 'spans do not reach the collector')
    .map((entry) => entry['problem'])
}
