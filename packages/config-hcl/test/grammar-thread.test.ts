import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { GrammarRequest } from '../src/grammar/grammar.ts'
import { GrammarThread } from '../src/grammar/thread.ts'

const faulty = new URL('./fixtures/faulty-worker.ts', import.meta.url)

describe('grammar thread', () => {
  it('is started by the first request', async () => {
    await using thread = new GrammarThread()
    expect(thread.running).toBe(false)

    const reply = await thread.ask(parse('a = 1'))

    expect(reply).toEqual({ value: { a: 1 } })
    expect(thread.running).toBe(true)
  })

  it('ends when it has nothing to do, and starts again', async () => {
    await using thread = new GrammarThread({ entry: faulty, idleMs: 1 })

    await thread.ask(parse('a'))
    await vi.waitFor(() => expect(thread.running).toBe(false))

    expect(await thread.ask(parse('b'))).toEqual({ value: 'b' })
  })

  it.each([
    ['throw', 'the HCL parser failed: out of order'],
    ['exit', 'the HCL parser failed: its thread ended'],
    ['hang', 'the HCL parser failed: no answer within 200 ms'],
  ])('fails one request when its worker does %s, and no other', async (fault, message) => {
    await using thread = new GrammarThread({ entry: faulty, timeoutMs: 200 })

    const first = thread.ask(parse('a'))
    const second = thread.ask(parse(fault))
    const third = thread.ask(parse('c'))

    expect(await first).toEqual({ value: 'a' })
    await expect(second).rejects.toMatchObject({ code: 'GW_CONFIG_PARSER', message })
    expect(await third).toEqual({ value: 'c' })
  })

  it('keeps the process alive until the answer is there, and no longer', async () => {
    const entry = new URL('../src/grammar/thread.ts', import.meta.url).href
    const script = `
      import { GrammarThread } from ${JSON.stringify(entry)}
      const thread = new GrammarThread({ idleMs: 3_600_000 })
      const reply = await thread.ask({ kind: 'parse', name: '', text: 'a = 1' })
      console.log(JSON.stringify(reply))`
    const args = ['--input-type=module', '--eval', script]

    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 })

    expect(stdout).toBe('{"value":{"a":1}}\n')
  })
})

function parse(text: string): GrammarRequest {
  return { kind: 'parse', name: '', text }
}
