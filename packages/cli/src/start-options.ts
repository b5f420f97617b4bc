import { nearest, tryAddress } from '@gatewright/kernel'
import { type LogLevel, logLevels } from './log.ts'
import { UsageError } from './usage-error.ts'

/** What `--io` takes. */
const ioChoices = ['auto', 'fast', 'portable'] as const

type IoChoice = (typeof ioChoices)[number]

/** The options of `start` as they were given. */
export interface StartFlags {
  readonly config?: string
  readonly listen?: string
  readonly logLevel?: string
  readonly io?: string
  readonly json?: boolean
}

/** The same, checked. */
export interface StartOptions {
  readonly config: string | undefined
  readonly listen: string | undefined
  readonly logLevel: LogLevel
  readonly io: IoChoice | undefined
  readonly json: boolean
}

/**
 * The options `--log-level` and `--io` win over the variables `GATEWRIGHT_LOG` and `GATEWRIGHT_IO`.
 * Throws {@link UsageError}.
 */
export function readStartOptions(
  { config, listen, logLevel, io, json = false }: StartFlags,
  { GATEWRIGHT_LOG: levelVariable, GATEWRIGHT_IO: ioVariable }: NodeJS.ProcessEnv = process.env,
): StartOptions {
  if (listen !== undefined && tryAddress(listen) === undefined) {
    throw new UsageError(
      `option '--listen': expected "host:port", "[v6]:port" or ":port", found "${listen}"`,
    )
  }
  const level =
    logLevel === undefined
      ? oneOf(logLevels, levelVariable || 'info', "variable 'GATEWRIGHT_LOG'")
      : oneOf(logLevels, logLevel, "option '--log-level'")
  return { config, listen, logLevel: level, io: readIo(io, ioVariable), json }
}

function readIo(io: string | undefined, variable: string | undefined): IoChoice | undefined {
  if (io !== undefined) return oneOf(ioChoices, io, "option '--io'")
  return variable ? oneOf(ioChoices, variable, "variable 'GATEWRIGHT_IO'") : undefined
}

function oneOf<T extends string>(choices: readonly T[], text: string, where: string): T {
  const choice = choices.find((known) => known === text)
  if (choice !== undefined) return choice
  const suggestion = nearest(text, choices)
  throw new UsageError(
    `${where}: expected one of ${choices.join(', ')}; found "${text}"` +
      (suggestion === undefined ? '' : `\n(Did you mean ${suggestion}?)`),
  )
}
