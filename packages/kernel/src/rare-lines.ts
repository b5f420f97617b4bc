/**
 * Keeps lines out of the log that would only say the same over and over.
 *
 * @module
 */
import type { Logger } from 'pino'
import { type GatewayError, logLevelOf } from './gateway-error.ts'

/** So long after a line, others that say the same are counted. */
const usualIntervalMs = 10_000
/** Things that one log is watched for; of more, the one that was told of first is forgotten. */
const maxKept = 256

/** A line that may come over and over. */
export interface RareLine {
  readonly level: 'debug' | 'warn' | 'error'
  /** What it says, and of what. Lines of one log with the same subject say the same. */
  readonly subject: string
  readonly message: string
  /** Called if the line is written, or is the first that is not. */
  fields(): Readonly<Record<string, unknown>>
  /** Default 10 seconds. */
  readonly intervalMs?: number | undefined
}

/**
 * Writes a line unless one with the same subject was written a moment ago. Those that were not are
 * told as `suppressed` of the next one; or, if none comes in time, of one that is the first of them.
 */
export function logRarely(log: Logger, line: RareLine): void {
  if (!log.isLevelEnabled(line.level)) return
  let lines = tables.get(log)
  if (lines === undefined) {
    lines = new KnownLines(log)
    tables.set(log, lines)
  }
  lines.add(line)
}

/** What a line tells of a failure. Neither is asked for if the level is not logged. */
export interface FailureDetails {
  /** What failed: a server, or a router. Each is told of for itself. */
  object(): string
  /** See {@link RareLine.fields}. */
  fields(): Readonly<Record<string, unknown>>
}

/**
 * The same for failures: what concerns a client is told each time, since it is told for debugging;
 * what the gateway or a server fails at is told once for each object.
 */
export function logFailureRarely(
  log: Logger,
  { code, source, message: problem, kind }: GatewayError,
  message: string,
  details: FailureDetails,
): void {
  const level = logLevelOf(source)
  if (!log.isLevelEnabled(level)) return
  if (level === 'debug') return log.debug(details.fields(), message)
  const { logIntervalMs: intervalMs } = kind
  // What a server fails at is in the code; what a plugin does is not.
  const what = source === 'upstream' ? code : `${code} ${problem}`
  const subject = intervalMs === undefined ? `${message} ${what} ${details.object()}` : code
  logRarely(log, { level, subject, message, fields: () => details.fields(), intervalMs })
}

/** Writes what was not written yet, and forgets all lines. For the end of a gateway. */
export function flushRareLines(): void {
  for (const lines of busy) lines.flush()
}

const tables = new WeakMap<Logger, KnownLines>()
/** Those that remember something. */
const busy = new Set<KnownLines>()

interface KnownLine {
  /** Without {@link RareLine.fields}, which holds on to an exchange. */
  readonly line: Omit<RareLine, 'fields'>
  /** When others that say the same may be written again. */
  dueAt: number
  /** How many were not written. */
  suppressed: number
  /** Of the first of them. */
  fields: Readonly<Record<string, unknown>> | undefined
}

/** The lines of one log. */
class KnownLines {
  readonly #log: Logger
  readonly #known = new Map<string, KnownLine>()
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(log: Logger) {
    this.#log = log
  }

  add(line: RareLine): void {
    const now = performance.now()
    const known = this.#known.get(line.subject)
    if (known === undefined) return this.#begin(line, now)
    if (now >= known.dueAt) {
      this.#known.delete(line.subject)
      return this.#begin(line, now, known.suppressed)
    }
    known.fields ??= line.fields()
    known.suppressed++
  }

  flush(): void {
    for (const known of this.#known.values()) this.#tell(known)
    this.#known.clear()
    this.#rest()
  }

  #begin(line: RareLine, now: number, suppressed = 0): void {
    const { level, subject, message, intervalMs = usualIntervalMs } = line
    this.#write(line, line.fields(), suppressed)
    this.#makeRoom()
    const dueAt = now + intervalMs
    const kept = { level, subject, message, intervalMs }
    this.#known.set(subject, { line: kept, dueAt, suppressed: 0, fields: undefined })
    this.#schedule(intervalMs)
  }

  #makeRoom(): void {
    if (this.#known.size < maxKept) return
    for (const [subject, oldest] of this.#known) {
      this.#tell(oldest)
      this.#known.delete(subject)
      return
    }
  }

  /** Writes what was not written. */
  #tell(known: KnownLine): void {
    const { line, fields, suppressed } = known
    if (fields === undefined) return
    this.#write(line, fields, suppressed - 1)
    known.fields = undefined
    known.suppressed = 0
  }

  /** @param suppressed How many others the line stands for. */
  #write(
    { level, message }: KnownLine['line'],
    fields: Readonly<Record<string, unknown>>,
    suppressed: number,
  ): void {
    this.#log[level]({ ...fields, ...(suppressed > 0 && { suppressed }) }, message)
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, delayMs)).unref()
    busy.add(this)
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    busy.delete(this)
  }

  /** Forgets what did not come again; what did has told of it, and begins another time. */
  #sweep(): void {
    this.#rest()
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const [subject, known] of this.#known) {
      if (now >= known.dueAt) {
        if (known.suppressed === 0) {
          this.#known.delete(subject)
          continue
        }
        this.#tell(known)
        known.dueAt = now + (known.line.intervalMs ?? usualIntervalMs)
      }
      next = Math.min(next, known.dueAt)
    }
    if (next < Number.POSITIVE_INFINITY) this.#schedule(next - now)
  }
}
