import { readFile } from 'node:fs/promises'
import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { ConfigWatcher } from '../src/index.ts'
import { createFolder, type Folder } from './folder.ts'

/** More rounds and other orders: `FILE_TEST_ROUNDS=2000 FILE_TEST_SEED=7`. */
const rounds = Number(process.env['FILE_TEST_ROUNDS'] ?? 30)
const seed = Number(process.env['FILE_TEST_SEED'] ?? 1)

/** Whatever stays away is given time each round. */
const limit = { timeout: 30_000 + rounds * 2500 }

const files = ['gateway.hcl', 'conf.d/a.hcl', 'conf.d/deep/b.hcl', 'conf.d/c.hcl']

type Change = (folder: Folder, file: string, text: string) => Promise<void>

const changes: readonly Change[] = [
  (folder, file, text) => folder.write(file, text),
  (folder, file, text) => folder.replace(file, text),
  async (folder, file, text) => {
    await folder.write(file, text.slice(0, 12))
    await folder.write(file, text)
  },
  async (folder, file, text) => {
    await folder.write(file, '')
    await folder.remove(file)
    await folder.write(file, text)
  },
  async (folder, file, text) => {
    await folder.write(`elsewhere/${text.length}.hcl`, text)
    await folder.link(file, folder.at(`elsewhere/${text.length}.hcl`))
  },
  async (folder, _, text) => {
    await folder.remove('conf.d')
    await folder.write('conf.d/a.hcl', text)
  },
  async (folder, _, text) => {
    await folder.write(`versions/${text.length}/a.hcl`, text)
    await folder.remove('conf.d')
    await folder.link('conf.d', `versions/${text.length}`)
  },
  async (folder, _, text) => {
    await folder.mount('conf.d', String(text.length), { 'a.hcl': text })
  },
]

describe('whatever is done to the files, in whatever order', () => {
  it('is told after the last change, and found then', limit, async () => {
    await using folder = await createFolder(
      Object.fromEntries(files.map((file) => [file, configuration(0)])),
    )
    const random = randomFrom(seed)
    const main = folder.at('gateway.hcl')
    let latest = ''
    let found = Promise.withResolvers<void>()
    const check = async (): Promise<void> => {
      const marked = latest
      const present = await Promise.all(
        [main, folder.at('conf.d/a.hcl')].map((path) => readFile(path, 'utf8').catch(() => '')),
      )
      if (present.includes(marked)) found.resolve()
    }
    await using watcher = new ConfigWatcher(
      { debounce_ms: 2, poll_secs: 0 },
      { log: recordLogs().log, main, directory: folder.at('conf.d'), onChange: () => void check() },
    )
    await watcher.start()
    let told = 0
    for (let version = 1; version <= rounds; version++) {
      for (let steps = Math.floor(random() * 4); steps > 0; steps--) {
        await pick(changes, random)(
          folder,
          pick(files, random),
          configuration(version * 10 + steps),
        )
      }
      found = Promise.withResolvers()
      latest = configuration(version * 10)
      const last = random() < 0.5 ? main : folder.at('conf.d/a.hcl')
      const file = last === main ? 'gateway.hcl' : 'conf.d/a.hcl'
      await pick(changes.slice(0, 4), random)(folder, file, latest)
      await found.promise
      told++
    }

    expect(told).toBe(rounds)
  })
})

/** A configuration whose length says which one it is. */
function configuration(version: number): string {
  return `routers "r" {\n  rule = "${'x'.repeat(version + 1)}"\n}\n`
}

function pick<T>(list: readonly T[], random: () => number): T {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
