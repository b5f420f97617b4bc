import { utimes } from 'node:fs/promises'
import { type ConfigPart, isGatewayError, type LoadContext } from '@gatewright/kernel'
import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { readFragment } from '../src/fragment-text.ts'
import { Fragments } from '../src/fragments.ts'
import { createFolder, type Folder } from './folder.ts'

const options = {
  watch: true,
  debounce_ms: 20,
  poll_secs: 0,
  on_fragment_error: 'skip' as const,
}
const shop = 'routers "shop" {\n  rule    = "Path(`/shop`)"\n  service = "app"\n}\n'
const changed = shop.replace('"app"', '"other"')

describe('a file that is just being written', () => {
  it.each([
    ['empty', ''],
    ['blank', ' \n\n'],
    ['half written', changed.slice(0, 20)],
    ['gone', undefined],
  ])('is waited for if it is %s at first', async (_, half) => {
    await using folder = await createFolder({ 'conf.d/shop.hcl': shop })
    const seen: (string | undefined)[] = []
    const loader = loaderOf(folder, async (path) => {
      const text = seen.length === 0 ? await readFragment(path) : seen.pop()
      return text
    })
    await loader.load()
    seen.push(changed, half, half, half)

    // What comes first in the list is read last.
    expect(await loader.load()).toMatchObject([{ input: serving('other') }])
  })

  it('is waited for if it is missing in the list of files', async () => {
    await using folder = await createFolder({ 'conf.d/shop.hcl': shop, 'conf.d/b.hcl': '' })
    const loader = loaderOf(folder)
    await loader.load()
    await folder.remove('conf.d/shop.hcl')
    const loading = loader.load()
    await folder.write('conf.d/shop.hcl', changed)

    expect(await loading).toMatchObject([{}, { input: serving('other') }])
  })

  it('never takes its blocks away, however often it is truncated', async () => {
    await using folder = await createFolder({ 'conf.d/shop.hcl': shop })
    let reads = 0
    // Truncated three times out of four, always when it is looked at first.
    const loader = loaderOf(folder, async () => (reads++ % 4 === 0 ? shop : ''))
    const parts: ConfigPart[] = []
    for (let round = 0; round < 10; round++) parts.push(...(await loader.load()))

    expect(parts.map(({ input }) => input)).toMatchObject(Array(10).fill(serving('app')))
  })
})

describe('a file that had blocks and stays empty', () => {
  it('is an error, and none any more when it has content or only a comment', async () => {
    await using folder = await createFolder({ 'conf.d/shop.hcl': shop })
    const loader = loaderOf(folder)
    await loader.load()
    await folder.write('conf.d/shop.hcl', '\n')

    expect(await loader.load()).toMatchObject([{ input: { code: 'GW_FILE_EMPTY' } }])
    expect(await loader.load()).toMatchObject([{ input: { code: 'GW_FILE_EMPTY' } }])
    await folder.write('conf.d/shop.hcl', shop)
    expect(await loader.load()).toMatchObject([{ input: serving('app') }])
    await folder.write('conf.d/shop.hcl', '# nothing at the moment\n')
    expect(await loader.load()).toMatchObject([{ input: { config: {} } }])
    await folder.write('conf.d/shop.hcl', '')
    expect((await loader.load()).map(({ input }) => isGatewayError(input))).toEqual([false])
  })

  it('is no error if it was removed and made anew', async () => {
    await using folder = await createFolder({ 'conf.d/shop.hcl': shop })
    const loader = loaderOf(folder)
    await loader.load()
    await folder.remove('conf.d/shop.hcl')
    await utimes(folder.at('conf.d'), 1, 1)
    expect(await loader.load()).toEqual([])
    await folder.write('conf.d/shop.hcl', '')

    expect(await loader.load()).toMatchObject([{ input: { config: {} } }])
  })
})

function serving(service: string): object {
  return { config: { routers: { shop: { service } } } }
}

function loaderOf(
  folder: Folder,
  readText = readFragment,
): { load(): Promise<readonly ConfigPart[]> } {
  const fragments = new Fragments(false, readText)
  const context: LoadContext = {
    log: recordLogs().log,
    main: undefined,
    signal: new AbortController().signal,
    resolvePath: (path) => folder.at(path),
  }
  return { load: () => fragments.load('conf.d', options, context) }
}
