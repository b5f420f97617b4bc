import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { type Answers, askForMissing } from '../src/questions.ts'

/** Answers each question as it comes. */
function answer(...answers: readonly string[]): {
  readonly asked: Promise<Answers>
  readonly said: () => string
} {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  let said = ''
  const left = [...answers]
  stdout.on('data', (data) => {
    said += String(data)
    if (!said.endsWith(': ') && !said.endsWith('] ')) return
    const next = left.shift()
    if (next === undefined) stdin.end()
    else stdin.write(`${next}\n`)
  })
  return { asked: askForMissing(undefined, {}, { stdin, stdout }), said: () => said }
}

it('asks for name, kind, style and language', async () => {
  const { asked, said } = answer('geo-block', 'middleware', '2', 'js')

  await expect(asked).resolves.toEqual({
    name: 'geo-block',
    flags: { kind: 'middleware', style: 'around', js: true },
  })
  expect(said()).toContain('service-feature  a block of services')
})

it('takes the first for an empty answer, and asks again after a bad one', async () => {
  const { asked, said } = answer('Geo Block', 'geo', '9', '7', 'perl', '')

  await expect(asked).resolves.toEqual({ name: 'geo', flags: { kind: 'hook', js: false } })
  expect(said()).toContain('such as geo-block')
  expect(said()).toContain('expected a number from 1 to 7')
})

it('gives up when the terminal is closed', async () => {
  const { asked } = answer('geo')

  await expect(asked).rejects.toThrow('nothing was made')
})
