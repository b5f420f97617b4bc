import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { GrammarThread } from '../src/grammar/thread.ts'
import { scan } from '../src/scan/scanner.ts'

/**
 * `@cdktf/hcl2json` gets no more releases; its fork is the replacement. As long as both say the same
 * about everything here, the change is one line in the catalog.
 */
describe('the fork of the parser', () => {
  const current = new GrammarThread()
  const fork = new GrammarThread({ entry: new URL('./fixtures/other-parser.ts', import.meta.url) })
  const files = [...filesIn('samples'), ...filesIn('corpus')]

  afterAll(async () => {
    await Promise.all([current[Symbol.asyncDispose](), fork[Symbol.asyncDispose]()])
  })

  it.each(files)('reads $name as the current one does', async ({ text }) => {
    const request = { kind: 'parse', name: 'file', text } as const

    expect(await fork.ask(request)).toEqual(await current.ask(request))
  })

  it.each(files.filter(({ name }) => name.startsWith('samples')))(
    'sees the expressions of $name as the current one does',
    async ({ text }) => {
      const sources = scan(text).body.items.flatMap((item) => {
        if (item.kind === 'block') return []
        return [`${text.slice(item.value.span.start, item.value.span.end)}\n`]
      })
      const request = { kind: 'expressions', sources } as const

      expect(await fork.ask(request)).toEqual(await current.ask(request))
    },
  )
})

function filesIn(folder: string): { name: string; text: string }[] {
  const url = new URL(`./${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter((name) => name.endsWith('.hcl'))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(new URL(name, url), 'utf8') }))
}
