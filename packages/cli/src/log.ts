import { type Logger, pino } from 'pino'
import { hasColors, type TextStream } from './output.ts'

/** What `--log-level` takes, the most talkative first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

/** A log that people can read on a terminal, and JSON lines for everything else by default. */
export async function createLog(
  level: LogLevel,
  stream: TextStream,
  json: boolean,
  forPeople = stream.isTTY === true,
): Promise<Logger> {
  const write = (line: string): void => void stream.write(line)
  if (json || !forPeople) return pino({ level }, { write })
  // Nobody but a terminal pays for loading it.
  const { prettyFactory } = await import('pino-pretty')
  const format = prettyFactory({
    colorize: hasColors(stream),
    ignore: 'pid,hostname',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  })
  return pino({ level }, { write: (line: string) => write(format(line)) })
}
