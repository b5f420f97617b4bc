import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordLogs } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Destination } from '../src/destination.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-access-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the destination of an access log', () => {
  it('gets lines of any length and any characters, whole and in their order', async () => {
    const lines = [0, 1, 300, 4000, 70_000, 10, 65_536, 200_000, 3].flatMap((size, i) => [
      `${i} ${'x'.repeat(size)}\n`,
      `${i} ${'€'.repeat(size)}\n`,
      `${i} ${'ü😀'.repeat(size)}\n`,
    ])
    using destination = open(64 * 1024 * 1024)

    for (const line of lines) destination.write(line)
    destination.flush()

    await vi.waitFor(async () => expect(await text()).toBe(lines.join('')))
    expect(destination.dropped).toBe(0)
  })

  it('gets what is left when the log ends', async () => {
    const destination = open(1024)
    destination.write('one\n')
    destination.write('two\n')

    destination[Symbol.dispose]()

    await vi.waitFor(async () => expect(await text()).toBe('one\ntwo\n'))
  })

  it('misses whole lines if they come too fast, which are counted and told of once', async () => {
    const logs = recordLogs()
    using destination = open(4096, logs)

    // No file is open yet, and nothing is written within one turn.
    for (let i = 0; i < 1000; i++) destination.write(`line ${i} ${'x'.repeat(90)}\n`)
    destination.flush()
    await vi.waitFor(async () => expect(await text()).toMatch(/^line 0 /))
    destination.write('last\n')
    destination.flush()

    await vi.waitFor(async () => expect(await text()).toMatch(/\nlast\n$/))
    const written = (await text()).split('\n').slice(0, -1)
    expect(written.every((line) => /^(?:line \d+ x{90}|last)$/.test(line))).toBe(true)
    expect(written.length + destination.dropped).toBe(1001)
    expect(destination.dropped).toBeGreaterThan(900)
    expect(logs.find({ level: 'warn' })).toHaveLength(1)
  })

  it('is told of once if it cannot be written, however much there is to write', async () => {
    const logs = recordLogs()
    await mkdir(join(folder, 'access.log'))
    using destination = open(4096, logs)
    const errors = (): unknown[] => logs.find({ msg: 'the access log cannot be written' })

    destination.write('too early\n')
    destination.flush()
    await vi.waitFor(() => expect(errors()).toHaveLength(1))
    for (let i = 0; i < 1000; i++) destination.write(`line ${i}\n`)
    destination.flush()

    expect(destination.dropped).toBe(1001)
    expect(errors()).toHaveLength(1)
    await rmdir(join(folder, 'access.log'))
    destination.reopen()
    destination.write('at last\n')
    destination.flush()
    await vi.waitFor(async () => expect(await text()).toMatch(/^at last\n$/))
  })
})

function open(bufferBytes: number, { log } = recordLogs()): Destination {
  const destination = new Destination(join(folder, 'access.log'), bufferBytes, log)
  destination.open()
  return destination
}

function text(): Promise<string> {
  return readFile(join(folder, 'access.log'), 'utf8')
}
