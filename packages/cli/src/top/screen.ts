import type { ReadStream, WriteStream } from 'node:tty'
import { paint } from '../output.ts'
import type { Line, Size } from './top-view.ts'

const enter = '\u001B[?1049h\u001B[?25l'
const leave = '\u001B[?25h\u001B[?1049l'
// Terminals that know it show what is between the two at once.
const begin = '\u001B[?2026h\u001B[H'
const end = '\u001B[J\u001B[?2026l'
const restOfLine = '\u001B[K'

const quitting = new Set(['q', 'Q', '\u0003', '\u0004'])
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal that shows one page after the other in the same place, until its user has enough. */
export class Screen implements Disposable {
  /** Aborts when the user wants to quit. */
  readonly signal: AbortSignal
  readonly #out: WriteStream
  readonly #keys: ReadStream | undefined
  readonly #quit = new AbortController()
  #render: ((size: Size) => readonly Line[]) | undefined = undefined

  constructor(out: WriteStream, keys: ReadStream) {
    this.signal = this.#quit.signal
    this.#out = out
    // What comes from a file or a pipe is no key.
    this.#keys = keys.isTTY ? keys : undefined
    out.write(enter)
    out.on('resize', this.#draw).on('error', this.#onQuit)
    this.#keys?.setRawMode(true).on('data', this.#onKey).resume()
    for (const signal of signals) process.on(signal, this.#onQuit)
  }

  /** Shows a page, again if the terminal gets another size. */
  show(render: (size: Size) => readonly Line[]): void {
    this.#render = render
    this.#draw()
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#onQuit)
    this.#keys?.off('data', this.#onKey).setRawMode(false).pause()
    this.#out.off('resize', this.#draw).write(leave)
  }

  readonly #draw = (): void => {
    // Some terminals do not know how large they are.
    const { rows, columns } = this.#out
    const size = { rows: rows > 0 ? rows : 24, columns: columns > 0 ? columns : 80 }
    const lines = this.#render?.(size) ?? []
    const text = lines
      .map(({ text: plain, style }) =>
        style === undefined ? plain : paint(this.#out, style, plain),
      )
      .map((line) => `${line}${restOfLine}`)
      .join('\r\n')
    this.#out.write(`${begin}${text}${end}`)
  }

  readonly #onKey = (data: Buffer): void => {
    for (const key of data.toString('latin1')) if (quitting.has(key)) this.#quit.abort()
  }

  readonly #onQuit = (): void => this.#quit.abort()
}
