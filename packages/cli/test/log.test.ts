import { describe, expect, it } from 'vitest'
import { failureOf, renderFailure } from '../src/failure.ts'
import { createLog } from '../src/log.ts'
import { Output, type TextStream } from '../src/output.ts'

// The escape character begins every colour.
const colour = String.fromCharCode(27)

describe('the log', () => {
  it('is readable on a terminal, with colours if the terminal has them', async () => {
    const plain = terminal(false)
    const coloured = terminal(true)

    for (const stream of [plain, coloured]) {
      const log = await createLog('info', stream, false)
      log.info({ address: '127.0.0.1:1' }, 'listening')
    }

    expect(plain.text).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"address":"127\.0\.0\.1:1"\}\n$/,
    )
    expect(coloured.text).toContain(colour)
  })

  it('is JSON everywhere else, and on a terminal if asked for', async () => {
    const pipe = { ...terminal(false), isTTY: false }
    const asked = terminal(true)

    for (const [stream, json] of [
      [pipe, false],
      [asked, true],
    ] as const) {
      const log = await createLog('info', stream, json)
      log.info('ready')
      expect(JSON.parse(stream.text)).toMatchObject({ level: 30, msg: 'ready' })
    }
  })
})

describe('a failure', () => {
  it('is coloured only where colours are shown', () => {
    const failure = failureOf(new Error('no luck'))

    const plain = renderFailure(failure, new Output(false, terminal(false), terminal(false)))
    const coloured = renderFailure(failure, new Output(false, terminal(true), terminal(true)))

    expect(plain).toBe('✗ no luck')
    expect(coloured).toContain(colour)
  })
})

function terminal(colours: boolean): TextStream & { text: string } {
  return {
    isTTY: true,
    text: '',
    hasColors: () => colours,
    write(text) {
      this.text += text
    },
  }
}
