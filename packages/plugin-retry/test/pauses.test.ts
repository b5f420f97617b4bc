import {
  type BodySink,
  type BodySource,
  errors,
  GatewayResponse,
  HeaderList,
} from '@gatewright/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { retries } from '../src/index.ts'
import { type Outcome, openRequest, ScriptedService } from './scripted-service.ts'

const refused = errors.GW_UPSTREAM_CONNECT({ endpoint: 'http://a', problem: 'ECONNREFUSED' })

describe('pauses of retry', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('grow with each retry', async () => {
    const service = new ScriptedService([refused])
    const ctx = openRequest()

    const response = Promise.resolve(service.send(ctx))
    await vi.runAllTimersAsync()

    expect((await response).status).toBe(503)
    expect(ctx.get(retries)?.map(({ delayMs }) => delayMs)).toEqual([50, 100, 200])
    expect(service.tries).toHaveLength(4)
  })

  it('are as long as the upstream asks for, up to the bound', async () => {
    const service = new ScriptedService([overloaded('1'), overloaded('60'), 200])
    const ctx = openRequest()

    const response = Promise.resolve(service.send(ctx))
    await vi.runAllTimersAsync()

    expect((await response).status).toBe(200)
    expect(ctx.get(retries)?.map(({ delayMs }) => delayMs)).toEqual([1000, 2000])
  })

  it('hold no answer of the upstream', async () => {
    const failed = new GatewayResponse({ status: 503, body: 'down' })
    const service = new ScriptedService([() => failed, 200])

    const response = Promise.resolve(service.send())

    expect(failed.hasBody).toBe(false)
    await vi.runAllTimersAsync()
    expect((await response).status).toBe(200)
  })

  it('end without another try if the client sends more than is kept meanwhile', async () => {
    const upload = new LiveSource()
    const service = new ScriptedService([failAfter('first'), 200], { max_replay_bytes: 10 })

    const response = Promise.resolve(service.send(openRequest({ method: 'PUT', body: upload })))
    upload.push('first')
    await vi.advanceTimersByTimeAsync(1)
    upload.push('second')
    await vi.runAllTimersAsync()

    expect((await response).status).toBe(503)
    expect(service.tries).toHaveLength(1)
    expect(upload.cancelled).toBe(true)
  })

  it('end without another try when the client goes away', async () => {
    const service = new ScriptedService([refused])
    const ctx = openRequest()

    const response = Promise.resolve(service.send(ctx))
    ctx.abort(errors.GW_CLIENT_ABORTED())

    expect((await response).error?.code).toBe('GW_CLIENT_ABORTED')
    expect(service.tries).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('do not begin if the client has gone', async () => {
    const service = new ScriptedService([refused])
    const ctx = openRequest()
    ctx.abort(errors.GW_CLIENT_ABORTED())

    await service.send(ctx)

    expect(service.tries).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('overall_timeout of retry', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('lets the last answer stand if the next pause would not end in time', async () => {
    const service = new ScriptedService([refused], { overall_timeout: 160 })

    const response = Promise.resolve(service.send())
    await vi.runAllTimersAsync()

    expect((await response).error).toMatchObject({ code: 'GW_RETRY_UNREACHABLE', cause: refused })
    expect(service.tries).toHaveLength(3)
  })

  it('ends a try that takes longer, and tells the transport', async () => {
    const interrupt = vi.fn<(error: unknown) => void>()
    const service = new ScriptedService(
      [
        refused,
        (ctx) => {
          ctx.interruptible = { interrupt }
          return new Promise(() => {})
        },
      ],
      { overall_timeout: 1000 },
    )

    const response = Promise.resolve(service.send())
    await vi.advanceTimersByTimeAsync(1000)

    expect((await response).status).toBe(504)
    expect((await response).error?.code).toBe('GW_RETRY_TIMEOUT')
    expect(interrupt).toHaveBeenCalledOnce()
  })

  it('gives up an answer that comes too late', async () => {
    const late = new GatewayResponse({ status: 200, body: 'late' })
    const service = new ScriptedService(
      [() => new Promise((resolve) => setTimeout(() => resolve(late), 1500))],
      { overall_timeout: 1000 },
    )

    const response = Promise.resolve(service.send())
    await vi.runAllTimersAsync()

    expect((await response).error?.code).toBe('GW_RETRY_TIMEOUT')
    expect(late.hasBody).toBe(false)
  })

  it('leaves no timer after an answer in time', async () => {
    const service = new ScriptedService(
      [() => Promise.resolve(new GatewayResponse({ status: 200 }))],
      { overall_timeout: 1000 },
    )

    const response = await service.send()

    expect(response.status).toBe(200)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not enforced by a dry run', async () => {
    const service = new ScriptedService([slow], { overall_timeout: 1000 }, true)

    const response = Promise.resolve(service.send())
    await vi.runAllTimersAsync()

    expect((await response).status).toBe(200)
  })
})

/** A body whose bytes come when a test says so. */
class LiveSource implements BodySource {
  readonly length = undefined
  cancelled = false
  #sink: BodySink | undefined

  start(sink: BodySink): void {
    this.#sink = sink
  }

  resume(): void {}

  cancel(): void {
    this.cancelled = true
  }

  push(text: string): void {
    const bytes = Buffer.from(text)
    this.#sink?.write(bytes, 0, bytes.length)
  }
}

/** Answers 503 as soon as that much of the body has come. */
function failAfter(text: string): Outcome {
  return ({ request }) =>
    new Promise((resolve) => {
      const body = request.takeBody()
      body?.start({
        write(bytes, start, end) {
          expect(Buffer.from(bytes.subarray(start, end)).toString()).toBe(text)
          body.cancel()
          resolve(new GatewayResponse({ status: 503 }))
          return false
        },
        end() {},
        fail() {},
      })
    })
}

function slow(): Promise<GatewayResponse> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(new GatewayResponse({ status: 200 })), 1500)
  })
}

function overloaded(retryAfter: string): () => GatewayResponse {
  return () =>
    new GatewayResponse({ status: 503, headers: new HeaderList(['retry-after', retryAfter]) })
}
