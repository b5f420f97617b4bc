import { styleText } from 'node:util'

/** Where text goes; `process.stdout` is one. */
export interface TextStream {
  readonly isTTY?: boolean
  /** Knows `NO_COLOR` and the like. */
  hasColors?(): boolean
  write(text: string): unknown
}

/** What the command says: results on standard output, what went wrong on standard error. */
export class Output {
  readonly stdout: TextStream
  readonly stderr: TextStream
  /** True if programs read along, so that everything is JSON. */
  readonly json: boolean

  constructor(
    json: boolean,
    stdout: TextStream = process.stdout,
    stderr: TextStream = process.stderr,
  ) {
    this.json = json
    this.stdout = stdout
    this.stderr = stderr
  }

  print(text: string): void {
    this.stdout.write(`${text}\n`)
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2))
  }

  complain(text: string): void {
    this.stderr.write(`${text}\n`)
  }
}

/** True for a terminal whose user wants colours. */
export function hasColors(stream: TextStream): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true
}

/** Text in a style if the stream shows colours. */
export function paint(
  stream: TextStream,
  style: Parameters<typeof styleText>[0],
  text: string,
): string {
  return hasColors(stream) ? styleText(style, text, { validateStream: false }) : text
}
