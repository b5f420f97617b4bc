import { appendFile, mkdir, utimes } from 'node:fs/promises'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { ConfigWatcher } from '../src/index.ts'
import { createFolder, type Folder } from './folder.ts'

const main = 'gateway.hcl'

describe('a change of the main file is told', () => {
  it.each<[string, (folder: Folder, text: string) => Promise<void>]>([
    ['written in place', (folder, text) => folder.write(main, text)],
    ['replaced by renaming', (folder, text) => folder.replace(main, text)],
    [
      'removed and written again',
      async (folder, text) => {
        await folder.remove(main)
        await folder.write(main, text)
      },
    ],
  ])('if it is %s, three times', async (_, change) => {
    await using folder = await createFolder({ [main]: router('0') })
    await using watched = await watch(folder)
    for (const text of ['1', '2', '3']) {
      await change(folder, router(text))
      await watched.told()
    }

    expect(watched.count).toBe(3)
  })

  it('if a ConfigMap is exchanged, once each', async () => {
    await using folder = await createFolder()
    await folder.mount('.', '1', { [main]: router('1') })
    await using watched = await watch(folder)
    await folder.mount('.', '2', { [main]: router('2') })
    await watched.told()
    await folder.mount('.', '3', { [main]: router('3') })
    await watched.told()

    expect(watched.count).toBe(2)
  })

  it('if it is a link to a file elsewhere, which changes', async () => {
    await using folder = await createFolder({ 'other/real.hcl': router('1') })
    await folder.link(main, 'other/real.hcl')
    await using watched = await watch(folder)

    await folder.write('other/real.hcl', router('2'))
    await watched.told()
    await folder.write('other/more.hcl', router('3'))
    await folder.link(main, 'other/more.hcl')
    await watched.told()

    expect(watched.count).toBe(2)
  })

  it('if its folder is removed and made again', async () => {
    await using folder = await createFolder({ 'inner/gateway.hcl': router('1') })
    await using watched = await watch(folder, { main: 'inner/gateway.hcl' })
    await folder.remove('inner')
    await folder.write('inner/gateway.hcl', router('2'))
    await watched.told()
    await folder.write('inner/gateway.hcl', router('3'))
    await watched.told()

    expect(watched.count).toBe(2)
  })

  it('if it changed before the watcher started', async () => {
    await using folder = await createFolder({ [main]: router('2') })
    await using watched = await watch(folder, { mainText: router('1') })

    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if only looking shows it', async () => {
    await using folder = await createFolder({ 'elsewhere/gateway.hcl': router('1') })
    await mkdir(folder.at('links'))
    await using watched = await watch(folder, { main: 'elsewhere/gateway.hcl', poll_secs: 0.02 })
    // A folder further up is exchanged, of which its children are told nothing.
    await folder.write('next/gateway.hcl', router('2'))
    await folder.link('links/elsewhere', '../next')
    await folder.remove('elsewhere')
    await folder.link('elsewhere', 'next')

    await watched.told()

    expect(watched.count).toBe(1)
  })
})

describe('a change of the main file is told only once', () => {
  it('if it was half written at first, with what it has in the end', async () => {
    await using folder = await createFolder({ [main]: router('1') })
    await using watched = await watch(folder, { debounce_ms: 100 })
    const whole = router('2')

    await folder.write(main, whole.slice(0, 20))
    await folder.write(main, whole)
    await watched.told()

    await folder.write(main, router('3'))
    await watched.told()
    expect(watched.count).toBe(2)
  })

  it('if the first half was still for a while', async () => {
    await using folder = await createFolder({ [main]: router('1') })
    await using watched = await watch(folder, { debounce_ms: 1 })
    const whole = router('2')
    await folder.write(main, whole.slice(0, 20))
    await watched.looked()
    await folder.write(main, whole)

    await watched.told()

    expect(watched.count).toBe(1)
  })

  it.each([
    ['is missing', (folder: Folder) => folder.remove(main)],
    ['is empty', (folder: Folder) => folder.write(main, ' \n')],
    ['is not understood', (folder: Folder) => folder.write(main, 'routers {')],
  ])('if it %s for longer than a writer needs', async (_, change) => {
    await using folder = await createFolder({ [main]: router('1') })
    await using watched = await watch(folder)

    await change(folder)
    await watched.looked()
    expect(watched.count).toBe(0)
    await watched.told()

    expect(watched.count).toBe(1)
  })
})

describe('what the system cannot watch', () => {
  it('is looked at regularly, which a warning says once', async () => {
    await using folder = await createFolder({ [main]: router('1') })
    // A name that no file system has.
    await using watched = await watch(folder, { directory: 'x'.repeat(300) })
    await watched.looked()
    await watched.looked()
    await folder.write(main, router('2'))
    await watched.told()

    expect(
      watched.logs.find({ msg: 'the system reports no changes; files are looked at instead' }),
    ).toMatchObject([{ level: 'warn', folder: folder.at('x'.repeat(300)) }])
  })
})

describe('nothing is told', () => {
  it('if another file grows, or only the time of the file changes', async () => {
    await using folder = await createFolder({ [main]: router('1'), 'access.log': '' })
    await using watched = await watch(folder)
    await appendFile(folder.at('access.log'), 'line\n')
    await utimes(folder.at(main), 1, 1)
    await watched.looked()
    await folder.write(main, router('2'))
    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if the old content is back before anybody looked', async () => {
    await using folder = await createFolder({ [main]: router('1') })
    await using watched = await watch(folder, { debounce_ms: 60_000 })
    await folder.write(main, router('2'))
    await folder.write(main, router('1'))
    await watched.looked()

    expect(watched.count).toBe(0)
  })

  it('once it is closed', async () => {
    await using folder = await createFolder({ [main]: router('1') })
    const watched = await watch(folder)
    await watched[Symbol.asyncDispose]()
    await folder.write(main, router('2'))
    await using other = await watch(folder, { mainText: router('1') })
    await other.told()

    expect(watched.count).toBe(0)
  })
})

describe('a change in the folder of fragments is told', () => {
  it.each<[string, (folder: Folder) => Promise<void>]>([
    ['a file changes', (folder) => folder.write('conf.d/a.hcl', router('new'))],
    ['a file comes', (folder) => folder.write('conf.d/b.hcl', router('b'))],
    ['a file goes', (folder) => folder.remove('conf.d/a.hcl')],
    ['a file below it changes', (folder) => folder.write('conf.d/deep/er/c.hcl', router('new'))],
    ['a folder comes', (folder) => folder.write('conf.d/more/d.hcl', router('d'))],
    ['a folder goes', (folder) => folder.remove('conf.d/deep')],
  ])('if %s', async (_, change) => {
    await using folder = await createFolder({
      'conf.d/a.hcl': router('a'),
      'conf.d/deep/er/c.hcl': router('c'),
    })
    await using watched = await watch(folder, { directory: 'conf.d' })
    await change(folder)
    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if it is a ConfigMap that is exchanged', async () => {
    await using folder = await createFolder()
    await folder.mount('conf.d', '1', { 'a.hcl': router('a') })
    await using watched = await watch(folder, { directory: 'conf.d' })
    await folder.mount('conf.d', '2', { 'a.hcl': router('a2'), 'b.hcl': router('b') })
    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if it is a link that is exchanged', async () => {
    await using folder = await createFolder({ 'v1/a.hcl': router('1'), 'v2/a.hcl': router('2') })
    await folder.link('conf.d', 'v1')
    await using watched = await watch(folder, { directory: 'conf.d' })
    await folder.link('conf.d', 'v2')
    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if it is made only later', async () => {
    await using folder = await createFolder()
    await using watched = await watch(folder, { directory: 'conf.d' })
    await folder.write('conf.d/a.hcl', router('a'))
    await watched.told()

    expect(watched.count).toBe(1)
  })

  it('if it is removed and made again', async () => {
    await using folder = await createFolder({ 'conf.d/a.hcl': router('a') })
    await using watched = await watch(folder, { directory: 'conf.d', debounce_ms: 200 })
    await folder.remove('conf.d')
    await folder.write('conf.d/a.hcl', router('a2'))
    await watched.told()
    await folder.write('conf.d/a.hcl', router('a3'))
    await watched.told()

    expect(watched.count).toBe(2)
  })

  it('but not if names show that a file is none', async () => {
    await using folder = await createFolder({ 'conf.d/a.hcl': router('a') })
    await using watched = await watch(folder, { directory: 'conf.d' })
    for (const name of ['.b.hcl', 'b.hcl~', 'b.hcl.swp', 'b.hcl.tmp', 'b.toml', '.git/b.hcl']) {
      await folder.write(`conf.d/${name}`, router('b'))
    }
    await watched.looked()
    await folder.write('conf.d/b.hcl', router('b'))
    await watched.told()

    expect(watched.count).toBe(1)
  })
})

interface Watched extends AsyncDisposable {
  readonly logs: RecordedLogs
  /** How often a change was told. */
  readonly count: number
  /** Comes back with the next one that nobody has waited for. */
  told(): Promise<void>
  /** Comes back when everything that happened before has been looked at. */
  looked(): Promise<void>
}

async function watch(
  folder: Folder,
  {
    debounce_ms = 20,
    poll_secs = 0,
    directory,
    ...rest
  }: {
    debounce_ms?: number
    poll_secs?: number
    directory?: string
    main?: string
    mainText?: string
  } = {},
): Promise<Watched> {
  const logs = recordLogs()
  let count = 0
  let seen = 0
  let wake = Promise.withResolvers<void>()
  const watcher = new ConfigWatcher(
    { debounce_ms, poll_secs },
    {
      log: logs.log,
      ...rest,
      main: folder.at(rest.main ?? main),
      ...(directory !== undefined && { directory: folder.at(directory) }),
      onChange() {
        count++
        wake.resolve()
      },
    },
  )
  await watcher.start()
  return {
    logs,
    get count() {
      return count
    },
    async told() {
      if (count === seen) await wake.promise
      wake = Promise.withResolvers()
      seen++
    },
    looked: () => watcher.look(),
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  }
}

function router(name: string): string {
  return `routers "r-${name}" {\n  rule    = "PathPrefix(\`/${name}\`)"\n  service = "app"\n}\n`
}
