import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineMiddleware, definePlugin, type Plugin } from '@gatewright/kernel'
import { createTestGateway, type TestBench } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWatchedFile } from '../src/index.ts'

interface Options {
  readonly file: string
  readonly share?: string
}

let folder: string
/** Every text that was parsed. */
let parsed: string[]
/** Which block was told of which change. */
let told: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-shared-'))
  parsed = []
  told = []
  await writeFile(join(folder, 'list'), 'first')
})
afterEach(() => rm(folder, { recursive: true }))

describe('a file that blocks share', () => {
  it('is watched, parsed and told of once for all of them', async () => {
    await using gateway = await start('shared')

    expect(await valuesOf(gateway)).toEqual(['FIRST', 'FIRST'])
    await change(gateway, 'second')

    expect(await valuesOf(gateway)).toEqual(['SECOND', 'SECOND'])
    expect(parsed).toEqual(['first', 'second'])
    expect(told.toSorted()).toEqual(['one: SECOND', 'two: SECOND'])
    expect(gateway.logs.find({ msg: 'watched file was read again' })).toHaveLength(1)
  })

  it('is followed on over reloads, and not parsed again', async () => {
    await using gateway = await start('shared')

    await gateway.reload(config('shared', '/a'))
    await gateway.reload(config('shared', '/b'))
    await change(gateway, 'second')

    expect(await valuesOf(gateway)).toEqual(['SECOND', 'SECOND'])
    expect(parsed).toEqual(['first', 'second'])
  })

  it('keeps its last content over a reload while it is broken, which is told once', async () => {
    await using gateway = await start('shared')
    await writeFile(join(folder, 'list'), 'bad')

    await gateway.reload(config('shared', '/a'))

    expect(await valuesOf(gateway)).toEqual(['FIRST', 'FIRST'])
    expect(gateway.logs.find({ level: 'error' })).toMatchObject([
      { code: 'GW_WATCHED_FILE_INVALID', problem: expect.stringContaining('"bad" is no good') },
    ])
  })

  it('is not that of blocks that say nothing, or something else', async () => {
    await using alone = await start(undefined)
    await using apart = await start('NAME')

    await change(alone, 'second')

    await expect.poll(() => valuesOf(apart)).toEqual(['SECOND', 'SECOND'])
    expect(parsed.toSorted()).toEqual([
      'first',
      'first',
      'first',
      'first',
      'second',
      'second',
      'second',
      'second',
    ])
  })

  it('refuses the configuration if it is broken from the start, and is there once it is not', async () => {
    await writeFile(join(folder, 'list'), 'bad')

    await expect(start('shared')).rejects.toThrow('"bad" is no good')

    await writeFile(join(folder, 'list'), 'first')
    await using gateway = await start('shared')
    expect(await valuesOf(gateway)).toEqual(['FIRST', 'FIRST'])
  })
})

it.each([undefined, 'shared'])(
  'has the error point at the line of its option: %s',
  async (share) => {
    const missing = config(share).replace('file = "list"', 'file = "nowhere"')

    const starting = createTestGateway({ plugins: [listed], config: missing, baseDir: folder })

    await expect(starting).rejects.toMatchObject({
      problems: [{ code: 'GW_WATCHED_FILE_UNREADABLE', line: 4, column: 10 }],
    })
  },
)

const listed: Plugin = definePlugin({
  name: 'listed',
  setup(gateway) {
    gateway.middlewares.register(
      defineMiddleware<Options>({
        type: 'listed',
        schema: {
          type: 'object',
          additionalProperties: false,
          required: ['file'],
          properties: {
            file: { type: 'string', description: 'What is told.' },
            share: { type: 'string', description: 'With whom.' },
          },
        },
        async create({ file: path, share }, scope) {
          const file = await openWatchedFile(scope, {
            path,
            option: ['file'],
            parse,
            onChange: (text) => void told.push(`${scope.name}: ${text}`),
            ...(share !== undefined && { share: share.replace('NAME', scope.name) }),
          })
          const field = scope.name === 'one' ? 'x-one' : 'x-two'
          return { onResponse: (_ctx, { headers }) => headers.set(field, file.value) }
        },
      }),
    )
  },
})

function parse(text: string): string {
  parsed.push(text)
  if (text === 'bad') throw new Error(`"${text}" is no good`)
  return text.toUpperCase()
}

function start(share: string | undefined): Promise<TestBench> {
  return createTestGateway({ plugins: [listed], config: config(share), baseDir: folder })
}

/** @param skipped Where the middlewares have nothing to do: a reload that changes them. */
function config(share: string | undefined, skipped = '/never'): string {
  const shared = share === undefined ? '' : `share = "${share}"`
  return `
middlewares "one" {
  type = "listed"
  file = "list"
  skip_paths = ["${skipped}"]
  ${shared}
}
middlewares "two" {
  type = "listed"
  file = "list"
  skip_paths = ["${skipped}"]
  ${shared}
}`
}

async function valuesOf(gateway: TestBench): Promise<unknown[]> {
  const { headers } = await gateway.inject('/')
  return ['x-one', 'x-two'].map((name) => headers[name])
}

/** Comes back when both blocks have the new content. */
async function change(gateway: TestBench, text: string): Promise<void> {
  await writeFile(join(folder, 'list'), text)
  const changed = text.toUpperCase()
  await expect.poll(() => valuesOf(gateway), { timeout: 20_000 }).toEqual([changed, changed])
}
