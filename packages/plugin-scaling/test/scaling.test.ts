import { type MountedFeature, mountServiceFeature } from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scalingFigures } from '../src/figures.ts'
import { scaling } from '../src/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a server', () => {
  it('works on so many requests at once, and no more', async () => {
    await using busy = await BusyServers.start({ container_concurrency: 2 })
    const open = [busy.send(), busy.send(), busy.send(), busy.send()]

    expect(busy.active).toEqual([2, 2])
    expect(await busy.send()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      error: { code: 'GW_SCALING_AT_CAPACITY' },
    })
    busy.finishAll()
    await Promise.all(open)

    expect(busy.active).toEqual([0, 0])
    expect(await busy.send()).toMatchObject({ status: 200 })
  })

  it('is busy for every protocol', async () => {
    await using busy = await BusyServers.start({ container_concurrency: 1 })
    const open = [busy.send(), busy.send()]
    const { all, available } = busy.pool

    expect([all.map(({ full }) => full), available]).toEqual([[true, true], []])
    busy.finishAll()
    await Promise.all(open)
  })

  it('has the bound of the newest configuration', async () => {
    await using busy = await BusyServers.start({ container_concurrency: 1 })
    const open = [busy.send(), busy.send()]

    await busy.mounted.reload({ container_concurrency: 2 })
    open.push(busy.send(), busy.send())
    expect(busy.active).toEqual([2, 2])
    expect(await busy.send()).toMatchObject({ status: 503 })
    await busy.mounted.reload({ container_concurrency: 1 })
    busy.finish()

    expect(await busy.send()).toMatchObject({ status: 503 })
    busy.finishAll()
    await Promise.all(open)
  })

  it('has no bound once the configuration says so', async () => {
    await using busy = await BusyServers.start({ container_concurrency: 1 })

    const open = [busy.send(), busy.send()]

    await busy.mounted.reload(undefined)
    open.push(...Array.from({ length: 8 }, () => busy.send()))

    expect(busy.active.reduce((sum, active) => sum + active)).toBe(10)
    busy.finishAll()
    await Promise.all(open)
  })

  it('has it also if it joins later', async () => {
    await using busy = await BusyServers.start({ container_concurrency: 1 })
    busy.pool.update([{ url: new URL('memory://c'), weight: 1 }])
    const open = busy.send()

    expect(await busy.send()).toMatchObject({ status: 503 })
    busy.finishAll()
    expect(await open).toMatchObject({ status: 200 })
  })
})

describe('a request that finds all servers busy', () => {
  const options = { container_concurrency: 1, queue_timeout: '5s', queue_size: 2 }

  it('waits for its turn', async () => {
    await using busy = await BusyServers.start(options)
    const order: string[] = []
    const open = ['a', 'b', 'c', 'd'].map((name) =>
      busy.send(`/${name}`).then(({ status }) => order.push(`${name} ${status}`)),
    )

    expect(busy.targets).toEqual(['/a', '/b'])
    busy.finish()
    await vi.waitFor(() => expect(busy.targets).toEqual(['/a', '/b', '/c']))
    busy.finish()
    await vi.waitFor(() => expect(busy.targets).toEqual(['/a', '/b', '/c', '/d']))
    busy.finishAll()
    await Promise.all(open)

    expect(order).toEqual(['a 200', 'b 200', 'c 200', 'd 200'])
  })

  it('finds its turn when several servers get free at once', async () => {
    await using busy = await BusyServers.start({ ...options, container_concurrency: 3 })
    const open = Array.from({ length: 8 }, () => busy.send())

    expect(busy.active).toEqual([3, 3])
    busy.finish()
    busy.finish()
    await vi.waitFor(() => expect(busy.targets).toHaveLength(8))
    busy.finishAll()

    expect((await Promise.all(open)).map(({ status }) => status)).toEqual(Array(8).fill(200))
  })

  it('is refused when too many wait already', async () => {
    await using busy = await BusyServers.start(options)
    const open = Array.from({ length: 4 }, () => busy.send())

    expect(await busy.send()).toMatchObject({ status: 503 })
    busy.finishAll()
    await Promise.all(open)
  })

  it('is refused when it has waited for long enough', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    await using busy = await BusyServers.start({ ...options, queue_timeout: '30s' })
    const open = [busy.send(), busy.send()]
    const late = busy.send()
    await vi.advanceTimersByTimeAsync(29_000)
    const later = busy.send()
    await vi.advanceTimersByTimeAsync(1000)

    expect(await late).toMatchObject({
      status: 503,
      error: { message: expect.stringContaining('no server was free within 30000 ms') },
    })
    busy.finish()
    await vi.advanceTimersByTimeAsync(1)
    busy.finishAll()
    expect(await later).toMatchObject({ status: 200 })
    await Promise.all(open)
  })

  it('gives its place up when its client leaves', async () => {
    await using busy = await BusyServers.start(options)
    const open = [busy.send(), busy.send(), busy.send(), busy.send()]

    busy.mounted.abort()
    await Promise.all(open)

    expect([busy.targets.length, busy.mounted.gateway.exchanges]).toEqual([2, 0])
    expect(busy.active).toEqual([0, 0])
  })

  it('does not wait for servers that are down', async () => {
    await using busy = await BusyServers.start(options)
    const open = [busy.send(), busy.send()]
    const waiting = busy.send()

    for (const endpoint of busy.pool.all) busy.pool.setHealthy(endpoint, 'test', false)

    expect(await waiting).toMatchObject({ status: 503, error: { code: 'GW_SERVICE_UNAVAILABLE' } })
    busy.finishAll()
    await Promise.all(open)
  })

  it('is told as figures, with what became of others', async () => {
    await using busy = await BusyServers.start({ ...options, queue_size: 2 })
    const open = [1, 2, 3, 4, 5].map(() => busy.send())

    expect(figuresOf(busy)).toEqual({
      service_queue_depth: 2,
      full: 1,
      served: 0,
      timeout: 0,
      left: 0,
    })
    busy.finishAll()
    await Promise.all(open)
    expect(figuresOf(busy)).toMatchObject({ service_queue_depth: 0, served: 2, full: 1 })
  })

  it('has its turn also after a reload', async () => {
    await using busy = await BusyServers.start(options)
    const open = [busy.send(), busy.send(), busy.send()]

    await busy.mounted.reload({ ...options, queue_size: 5 })
    busy.finish()
    await vi.waitFor(() => expect(busy.targets).toHaveLength(3))
    busy.finishAll()

    expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

/** Two servers that answer when the test lets them. */
/** By name and result. */
function figuresOf({ mounted }: BusyServers): Record<string, number> {
  const samples = scalingFigures.flatMap((figure) =>
    [...figure.read(mounted.gateway.snapshot)].map(
      ({ labels: [, result = figure.type], value }) => [result, value],
    ),
  )
  return Object.fromEntries(samples)
}

class BusyServers implements AsyncDisposable {
  readonly mounted: MountedFeature
  readonly #open: (() => void)[]

  static async start(options: object): Promise<BusyServers> {
    const open: (() => void)[] = []
    let finished = false
    const mounted = await mountServiceFeature(scaling, options, {
      upstream: () => {
        const { promise, resolve } = Promise.withResolvers<number>()
        if (finished) return 200
        open.push(() => resolve(200))
        return promise
      },
    })
    return new BusyServers(mounted, open, () => (finished = true))
  }

  readonly #setFinished: () => void

  constructor(mounted: MountedFeature, open: (() => void)[], setFinished: () => void) {
    this.mounted = mounted
    this.#open = open
    this.#setFinished = setFinished
  }

  get pool() {
    return this.mounted.service().pool
  }

  get active(): number[] {
    return this.pool.all.map(({ active }) => active)
  }

  /** What has arrived at the servers. */
  get targets(): string[] {
    return this.mounted.upstream.requests.map(({ target }) => target)
  }

  send(target = '/') {
    return this.mounted.send({ target })
  }

  /** Answers the request that has been open for longest. */
  finish(): void {
    this.#open.shift()?.()
  }

  /** Answers everything, also what is to come. */
  finishAll(): void {
    this.#setFinished()
    for (const finish of this.#open.splice(0)) finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.finishAll()
    await this.mounted[Symbol.asyncDispose]()
  }
}
