import { type Logger, pino } from 'pino'

/** One line of a log. */
export interface LogEntry {
  /** `trace`, `debug`, `info`, `warn`, `error` or `fatal`. */
  readonly level: string
  readonly msg?: string
  readonly [field: string]: unknown
}

/** A logger that remembers. */
export interface RecordedLogs {
  /** To be given to a gateway; every level is on. */
  readonly log: Logger
  readonly entries: readonly LogEntry[]
  /** The entries that have all of these fields; a regular expression matches text. */
  readonly find: (fields: Readonly<Record<string, unknown>>) => LogEntry[]
}

/** Makes a logger whose lines a test can look at. */
export function recordLogs(): RecordedLogs {
  const entries: LogEntry[] = []
  const log = pino(
    { level: 'trace', base: null, formatters: { level: (level) => ({ level }) } },
    // pino writes one JSON object a call, with the level that the formatter put there.
    { write: (line: string) => void entries.push(JSON.parse(line) as LogEntry) },
  )
  return {
    log,
    entries,
    find: (fields) =>
      entries.filter((entry) =>
        Object.entries(fields).every(([name, wanted]) => isLike(entry[name], wanted)),
      ),
  }
}

function isLike(value: unknown, wanted: unknown): boolean {
  if (wanted instanceof RegExp) return typeof value === 'string' && wanted.test(value)
  return value === wanted
}
