import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWatchedFile, type WatchedFile } from '../src/index.ts'

const problemMessage = 'watched file is not usable; its last content stays'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-watched-'))
  path = join(folder, 'users')
  await writeFile(path, 'first')
})

afterEach(() => rm(folder, { recursive: true }))

describe('a watched file', () => {
  it('has its content before anything is watched', async () => {
    await using opened = await open({ activate: false })

    expect(opened.file.value).toBe('FIRST')
  })

  it.each([
    { how: 'written in place', change: () => writeFile(path, 'second') },
    {
      how: 'replaced by another file',
      change: async () => {
        await writeFile(`${path}.new`, 'second')
        await rename(`${path}.new`, path)
      },
    },
    {
      how: 'removed and written again',
      change: async () => {
        await unlink(path)
        await writeFile(path, 'second')
      },
    },
  ])('has its new content after it was $how, twice', async ({ change }) => {
    await using opened = await open()
    const changed = opened.nextChange()
    await change()
    expect(await changed).toBe('SECOND')

    const again = opened.nextChange()
    await writeFile(path, 'third')

    expect(await again).toBe('THIRD')
    expect(opened.file.value).toBe('THIRD')
  })

  it('has its new content after the folder behind its links was exchanged', async () => {
    const mount = join(folder, 'mount')
    const version = async (name: string, text: string): Promise<void> => {
      await mkdir(join(mount, name), { recursive: true })
      await writeFile(join(mount, name, 'keys'), text)
      await symlink(name, join(mount, '..next'))
      await rename(join(mount, '..next'), join(mount, '..data'))
    }
    await version('..1', 'first')
    path = join(mount, 'keys')
    await symlink(join('..data', 'keys'), path)
    await using opened = await open()
    const changed = opened.nextChange()

    await version('..2', 'second')

    expect(await changed).toBe('SECOND')
  })

  it('has its new content after its folder was removed and made again', async () => {
    const inner = join(folder, 'inner')
    path = join(inner, 'users')
    await mkdir(inner)
    await writeFile(path, 'first')
    await using opened = await open()
    const changed = opened.nextChange()
    await rm(inner, { recursive: true })
    await mkdir(inner)
    await writeFile(path, 'second')
    expect(await changed).toBe('SECOND')

    const again = opened.nextChange()
    await writeFile(path, 'third')

    expect(await again).toBe('THIRD')
  })

  it('has its new content after a link to its folder was exchanged', async () => {
    for (const [name, text] of [
      ['one', 'first'],
      ['two', 'second'],
    ] as const) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'users'), text)
    }
    await symlink('one', join(folder, 'current'))
    path = join(folder, 'current', 'users')
    await using opened = await open()
    const changed = opened.nextChange()

    await symlink('two', join(folder, 'next'))
    await rename(join(folder, 'next'), join(folder, 'current'))

    expect(await changed).toBe('SECOND')
  })

  it('notices what the system does not report', async () => {
    await using opened = await open({ pollMs: 10 })
    const changed = opened.nextChange()

    await writeFile(path, 'second')

    expect(await changed).toBe('SECOND')
  })

  it('keeps its last good content, and says once what is wrong', async () => {
    await using opened = await open()
    await writeFile(path, 'bad')
    await opened.file.check()
    await opened.file.check()

    expect(opened.file.value).toBe('FIRST')
    expect(opened.logs.find({ msg: problemMessage })).toMatchObject([
      {
        level: 'error',
        code: 'GW_WATCHED_FILE_INVALID',
        path,
        problem: expect.stringContaining('"bad" is no good'),
      },
    ])

    await unlink(path)
    await opened.file.check()
    expect(opened.file.value).toBe('FIRST')
    expect(opened.logs.find({ msg: problemMessage })).toMatchObject([
      {},
      { level: 'error', code: 'GW_WATCHED_FILE_UNREADABLE', path },
    ])

    await writeFile(path, 'second')
    await opened.file.check()
    expect(opened.file.value).toBe('SECOND')
  })

  it('stays as it is once it is closed', async () => {
    const opened = await open()
    await opened.close()
    await writeFile(path, 'second')

    await opened.file.check()

    expect(opened.file.value).toBe('FIRST')
  })

  it.each([
    { how: 'cannot be parsed', damage: () => writeFile(path, 'bad'), problem: '"bad" is no good' },
    { how: 'is missing', damage: () => unlink(path), problem: 'there is no such file' },
  ])('goes on as it was if it $how while all is loaded again', async ({ damage, problem }) => {
    const kept = new Map<string, Disposable>()
    await using before = await open({ kept })
    await writeFile(path, 'second')
    await before.file.check()
    await damage()

    await using after = await open({ kept })
    await after.file.check()

    expect(after.file.value).toBe('SECOND')
    expect(after.logs.find({ level: 'error' })).toMatchObject([
      { msg: problemMessage, path, problem: expect.stringContaining(problem) },
    ])

    await writeFile(path, 'third')
    await after.file.check()
    expect(after.file.value).toBe('THIRD')
  })

  it.each([
    { who: 'another block', other: { name: 'other' } },
    { who: 'another option', other: { option: 'others' } },
    { who: 'options that do not accept it', other: { parse: refuseAll } },
  ])('is refused if it is broken, and was good for $who', async ({ other }) => {
    const kept = new Map<string, Disposable>()
    await using before = await open({ kept })
    await writeFile(path, 'bad')

    await expect(open({ kept, ...other })).rejects.toThrow('is not usable')
    expect(before.file.value).toBe('FIRST')
  })

  it('is refused if it is broken, and was good in a configuration that was never used', async () => {
    const kept = new Map<string, Disposable>()
    await using _ = await open({ kept, activate: false })
    await writeFile(path, 'bad')

    await expect(open({ kept })).rejects.toThrow('"bad" is no good')
  })

  it.each([
    { what: 'is missing', make: () => unlink(path), problem: 'there is no such file' },
    { what: 'is too large', make: () => writeFile(path, 'x'.repeat(101)), problem: 'larger than' },
    {
      what: 'is a folder',
      make: async () => {
        await unlink(path)
        await mkdir(path)
      },
      problem: 'it is no file',
    },
    { what: 'cannot be parsed', make: () => writeFile(path, 'bad'), problem: '"bad" is no good' },
  ])('is refused if it $what from the start', async ({ make, problem }) => {
    await make()

    await expect(open()).rejects.toThrow(problem)
  })
})

interface Opened extends AsyncDisposable {
  readonly file: WatchedFile<string>
  readonly logs: RecordedLogs
  readonly nextChange: () => Promise<string>
  readonly close: () => Promise<void>
}

async function open({
  activate = true,
  pollMs = 1_000_000,
  name = 'block',
  option = 'file',
  parse = parseText,
  kept = new Map<string, Disposable>(),
} = {}): Promise<Opened> {
  const logs = recordLogs()
  const activations: (() => void)[] = []
  const deferred: (() => void | Promise<void>)[] = []
  let tell: ((text: string) => void) | undefined
  const file = await openWatchedFile(
    {
      name,
      keep: <T extends Disposable | AsyncDisposable>(key: string, create: () => T): T => {
        const value = kept.get(key) ?? create()
        // Only texts are kept here.
        kept.set(key, value as Disposable)
        return value as T
      },
      log: logs.log,
      resolvePath: (given) => resolve(folder, given),
      onActivate: (fn) => void activations.push(fn),
      defer: (fn) => void deferred.push(fn),
    },
    { path, option: [option], parse, pollMs, maxBytes: 100, onChange: (text) => tell?.(text) },
  )
  if (activate) for (const fn of activations) fn()
  const close = async (): Promise<void> => {
    for (const fn of deferred) await fn()
  }
  return {
    file,
    logs,
    nextChange: () => new Promise((settle) => (tell = settle)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function refuseAll(): string {
  throw new Error('nothing is good')
}

function parseText(text: string): string {
  if (text === 'bad') throw new Error(`"${text}" is no good`)
  return text.toUpperCase()
}
