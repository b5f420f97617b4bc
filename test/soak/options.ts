import { parseArgs } from 'node:util'

/** What the user asks for. */
export interface SoakOptions {
  readonly seconds: number
  readonly seed: number
  readonly json: boolean
  /** How the gateway is to do its input and output; `undefined` leaves that to it. */
  readonly io: string | undefined
}

/** The user asked for something that there is not. */
export class UsageError extends Error {}

/** Printed by `--help`. */
export const help = `usage: npm run soak -- [options]

Starts a gateway and has clients and upstreams of all kinds at it, most of them badly behaved, while
its configuration is reloaded all the time. Checks every response that should be right, and that
memory, handles and counters are in the end what they were after the warm-up.

  --minutes N   how long; default 5
  --seed N      repeats the choices of another run
  --io MODE     fast or portable; default is what the gateway chooses
  --json        print the result as JSON
  --help        print this
`

/** Reads the command line. Throws UsageError; `undefined` stands for a wish for help. */
export function readOptions(args: readonly string[]): SoakOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const { io } = values
  if (io !== undefined && io !== 'fast' && io !== 'portable') {
    throw new UsageError(`--io: expected fast or portable, found "${io}"`)
  }
  return {
    seconds: readNumber('minutes', values.minutes) * 60,
    seed: values.seed === undefined ? Date.now() % 1_000_000 : readNumber('seed', values.seed),
    json: values.json,
    io,
  }
}

// The shape follows from the options that are listed.
function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string' },
        io: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readNumber(name: string, text: string): number {
  const value = Number(text)
  if (text !== '' && value > 0) return value
  throw new UsageError(`--${name}: expected a number above 0, found "${text}"`)
}
