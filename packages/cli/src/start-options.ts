import { nearest, tryAddress } from '@gatewright/kernel'
import { type LogLevel, logLevels } from './log.ts'
import { UsageError } from './usage-error.ts'

/** The options of `start` as they were given. */
export interface StartFlags {
  readonly config?: string
  readonly listen?: string
  readonly logLevel?: string
  readonly json?: boolean
}

/** The same, checked. */
export interface StartOptions {
  readonly config: string | undefined
  readonly listen: string | undefined
  readonly logLevel: LogLevel
  readonly json: boolean
}

/** The option `--log-level` wins over the variable `GATEWRIGHT_LOG`. Throws {@link UsageError}. */
export function readStartOptions(
  { config, listen, logLevel, json = false }: StartFlags,
  { GATEWRIGHT_LOG: fromEnvironment }: NodeJS.ProcessEnv = process.env,
): StartOptions {
  if (listen !== undefined && tryAddress(listen) === undefined) {
    throw new UsageError(
      `option '--listen': expected "host:port", "[v6]:port" or ":port", found "${listen}"`,
    )
  }
  const level =
    logLevel === undefined
      ? readLevel(fromEnvironment || 'info', "variable 'GATEWRIGHT_LOG'")
      : readLevel(logLevel, "option '--log-level'")
  return { config, listen, logLevel: level, json }
}

function readLevel(text: string, where: string): LogLevel {
  const level = logLevels.find((known) => known === text)
  if (level !== undefined) return level
  const suggestion = nearest(text, logLevels)
  throw new UsageError(
    `${where}: expected one of ${logLevels.join(', ')}; found "${text}"` +
      (suggestion === undefined ? '' : `\n(Did you mean ${suggestion}?)`),
  )
}
