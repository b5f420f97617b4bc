import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { configOf, FakeFleet, obey, refusing } from './fake-processes.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

describe('a fleet', () => {
  it('starts the first worker alone, then the others', async () => {
    const fake = new FakeFleet(3)

    expect(await fake.fleet.start()).toMatchObject({ type: 'applied' })
    expect(fake.processes.map(({ orders }) => orders)).toMatchObject([
      [{ type: 'start', worker: 1, workers: 3 }],
      [{ type: 'start', worker: 2, workers: 3 }],
      [{ type: 'start', worker: 3, workers: 3 }],
    ])
  })

  it('gives all workers one secret, also those that come later, and no other fleet has it', async () => {
    const [fake, other] = [new FakeFleet(2), new FakeFleet(1)]
    await fake.fleet.start()
    await other.fleet.start()
    fake.processes[0]?.kill()
    await vi.advanceTimersByTimeAsync(60_000)

    expect(fake.processes.length).toBeGreaterThan(2)
    const [secret, ...rest] = secretsOf(fake)
    expect(secret).toMatch(/^.{40,}$/)
    expect(rest).toEqual([])
    expect(secretsOf(other)).not.toContain(secret)
  })

  it('reloads for a worker that was asked to, and tells it what came of it', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()
    const outcome = { applied: false, code: 'GW_TEST', message: 'no', problems: [] } as const
    fake.reload = () => Promise.resolve(outcome)
    const [asked, other] = fake.processes

    asked?.say({ type: 'reload wanted' })
    await vi.advanceTimersByTimeAsync(0)

    expect(asked?.orders).toContainEqual({ type: 'reloaded', outcome })
    expect(other?.orders.map(({ type }) => type)).not.toContain('reloaded')
  })

  it('has workers that start later go on with the version of those before them', async () => {
    const fake = new FakeFleet(2, (config, process) => {
      const { version = 0 } = process.orders.findLast((order) => order.type === 'start') ?? {}
      const report = obey(config, process)
      const isSecond = config.file === 'second'
      return report?.type === 'applied'
        ? { ...report, version: version + Number(isSecond) }
        : report
    })
    await fake.fleet.start()
    await fake.fleet.reload(configOf('second'))
    fake.temper = obey
    await fake.fleet.roll()
    await fake.fleet.roll({ ...fake.fleet.orders, version: 7 })

    const starts = fake.processes.map(({ orders }) => orders.find(({ type }) => type === 'start'))
    const versions = starts.map((order) => order?.type === 'start' && order.version)
    expect(versions).toEqual([1, 1, 2, 2, 7, 7])
    expect(new Set(starts.map((order) => order?.type === 'start' && order.startedAt)).size).toBe(1)
    expect(fake.fleet.orders.version).toBe(7)
  })

  it('passes signals on to all workers that run', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()

    fake.fleet.signal('SIGUSR1')

    expect(fake.processes.map(({ signals }) => signals)).toEqual([['SIGUSR1'], ['SIGUSR1']])
  })

  it('starts nothing else if the first worker refuses', async () => {
    const fake = new FakeFleet(3, refusing('first'))

    expect(await fake.fleet.start()).toMatchObject({ failure: { code: 'GW_NO' } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(fake.processes).toHaveLength(1)
  })

  it('ends with all workers if a later one cannot start', async () => {
    const fake = new FakeFleet(3, (config, process) =>
      (process.pid === 3 ? refusing('first') : obey)(config, process),
    )

    expect(await fake.fleet.start()).toMatchObject({ failure: { code: 'GW_NO' } })
    expect(fake.alive).toEqual([])
  })

  it('says so if the first worker ends before it is ready', async () => {
    const fake = new FakeFleet(2, (_config, process) => {
      process.kill()
      return undefined
    })

    expect(await fake.fleet.start()).toMatchObject({
      failure: { exitCode: 1, code: 'GW_WORKER_LOST' },
    })
  })

  it('replaces a worker that ends, later each time', async () => {
    const fake = new FakeFleet(1)
    await fake.fleet.start()

    const counts: number[] = []
    for (const waitMs of [99, 1, 199, 1]) {
      fake.alive[0]?.end({ code: null, signal: 'SIGKILL' })
      await vi.advanceTimersByTimeAsync(waitMs)
      counts.push(fake.processes.length)
    }

    expect(counts).toEqual([1, 2, 2, 3])
    fake.fleet.kill()
  })

  it('tries again if a replacement cannot start', async () => {
    const fake = new FakeFleet(1)
    await fake.fleet.start()

    fake.temper = refusing('first')
    fake.alive[0]?.kill()
    await vi.advanceTimersByTimeAsync(100)
    fake.temper = obey
    await vi.advanceTimersByTimeAsync(200)

    expect(fake.alive.map(({ pid }) => pid)).toEqual([3])
    expect(fake.logs.find({ msg: 'worker did not start' })).toMatchObject([
      { worker: 1, code: 'GW_NO' },
    ])
    fake.fleet.kill()
  })

  it('replaces a worker that drains by itself before it has ended', async () => {
    const fake = new FakeFleet(1)
    await fake.fleet.start()

    fake.processes[0]?.say({ type: 'leaving' })
    await vi.advanceTimersByTimeAsync(100)

    expect(fake.alive.map(({ pid }) => pid)).toEqual([1, 2])
    fake.fleet.kill()
    expect(fake.alive).toEqual([])
  })

  it('kills a worker that is silent for too long', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()
    const [hung, healthy] = fake.processes

    for (let second = 0; second < 12; second++) {
      healthy?.say({ type: 'alive' })
      await vi.advanceTimersByTimeAsync(1000)
    }

    expect([hung?.ended, healthy?.ended]).toEqual([true, false])
    expect(fake.logs.find({ msg: 'worker hangs; killing it' })).toMatchObject([
      { worker: 1, workerPid: 1 },
    ])
    fake.fleet.kill()
  })
})

describe('a fleet that reloads', () => {
  it('gives the configuration to all workers', async () => {
    const fake = new FakeFleet(3)
    await fake.fleet.start()

    expect(await fake.fleet.reload(configOf('second'))).toMatchObject({ type: 'applied' })
    expect(fake.alive.map(({ pid, file }) => [pid, file])).toEqual([
      [1, 'second'],
      [2, 'second'],
      [3, 'second'],
    ])
    fake.fleet.kill()
  })

  it('asks no other worker if the first one refuses', async () => {
    const fake = new FakeFleet(2, refusing('second'))
    await fake.fleet.start()

    expect(await fake.fleet.reload(configOf('second'))).toMatchObject({ type: 'refused' })
    expect(fake.processes[1]?.file).toBe('first')
    fake.fleet.kill()
  })

  it('replaces the worker that could not listen, with the old configuration', async () => {
    const fake = new FakeFleet(2, refusing('second', 3))
    await fake.fleet.start()

    await fake.fleet.reload(configOf('second'))

    expect(fake.alive.map(({ pid, file }) => [pid, file])).toEqual([
      [2, 'first'],
      [3, 'first'],
    ])
    fake.fleet.kill()
  })

  it('replaces a later worker that refuses what the first one took', async () => {
    const fake = new FakeFleet(2, (config, process) =>
      (process.pid === 2 ? refusing('second') : obey)(config, process),
    )
    await fake.fleet.start()

    await fake.fleet.reload(configOf('second'))

    expect(fake.alive.map(({ pid, file }) => [pid, file])).toEqual([
      [1, 'second'],
      [3, 'second'],
    ])
    fake.fleet.kill()
  })

  it('starts workers again with what was taken last', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()

    await fake.fleet.reload(configOf('second'))
    fake.processes[0]?.kill()
    await vi.advanceTimersByTimeAsync(100)

    expect(fake.processes[2]?.file).toBe('second')
    fake.fleet.kill()
  })

  it('takes a configuration that helps while no worker runs', async () => {
    const fake = new FakeFleet(1)
    await fake.fleet.start()
    fake.temper = refusing('first')
    fake.processes[0]?.kill()
    await vi.advanceTimersByTimeAsync(5000)

    expect(await fake.fleet.reload(configOf('second'))).toMatchObject({ type: 'applied' })
    await vi.advanceTimersByTimeAsync(9000)

    expect(fake.alive.map(({ file }) => file)).toEqual(['second'])
    fake.fleet.kill()
  })
})

describe('a fleet that rolls', () => {
  it('lets a worker go only once the next one runs', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()
    const alive: number[] = []
    fake.temper = (config, process) => {
      alive.push(fake.alive.length)
      return obey(config, process)
    }

    expect(await fake.fleet.roll()).toMatchObject({ type: 'applied' })
    expect(alive).toEqual([3, 3])
    expect(fake.alive.map(({ pid }) => pid)).toEqual([3, 4])
    fake.fleet.kill()
  })

  it('changes nothing if the first new worker refuses', async () => {
    const fake = new FakeFleet(2, refusing('second'))
    await fake.fleet.start()
    const orders = { ...fake.fleet.orders, config: configOf('second'), workers: 3 }

    expect(await fake.fleet.roll(orders)).toMatchObject({ type: 'refused' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(fake.alive.map(({ pid }) => pid)).toEqual([1, 2])
    expect(fake.fleet.orders.workers).toBe(2)
    fake.fleet.kill()
  })

  it.each([1, 4])('ends with as many workers as were ordered: %i', async (workers) => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()

    await fake.fleet.roll({ ...fake.fleet.orders, workers })
    await vi.advanceTimersByTimeAsync(1000)

    expect(fake.alive).toHaveLength(workers)
    expect(fake.alive.map(({ orders: [order] }) => order)).toMatchObject(
      fake.alive.map(() => ({ workers })),
    )
    fake.fleet.kill()
  })
})

describe('the end of a fleet', () => {
  it('waits for all workers, those in between as well, and starts none again', async () => {
    const fake = new FakeFleet(2)
    await fake.fleet.start()
    fake.temper = () => undefined
    const rolling = fake.fleet.roll()

    await fake.fleet.drain()
    await rolling
    await vi.advanceTimersByTimeAsync(60_000)

    expect(fake.processes).toHaveLength(3)
    expect(fake.alive).toEqual([])
    expect(fake.logs.find({ msg: 'worker did not start' })).toEqual([])
  })
})

function secretsOf({ processes }: FakeFleet): string[] {
  const orders = processes.flatMap((process) => process.orders)
  return [...new Set(orders.flatMap((order) => (order.type === 'start' ? order.sharedSecret : [])))]
}
