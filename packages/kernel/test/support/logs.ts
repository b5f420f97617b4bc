import { type Logger, pino } from 'pino'

/** One line of a log. */
export interface LogLine {
  readonly level: string
  readonly msg?: string
  readonly [field: string]: unknown
}

/** A logger and the lines that it has written. */
export interface MemoryLog {
  readonly log: Logger
  readonly lines: LogLine[]
  /** Lines with this message. */
  find(msg: string): LogLine[]
}

/** Makes a logger that writes into an array. */
export function memoryLog(): MemoryLog {
  const lines: LogLine[] = []
  const log = pino(
    { level: 'debug', base: null, formatters: { level: (level) => ({ level }) } },
    // pino writes one JSON object a call.
    { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) },
  )
  return { log, lines, find: (msg) => lines.filter((line) => line.msg === msg) }
}
