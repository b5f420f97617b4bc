import { parseArgs } from 'node:util'
import { allPeers } from './peers/peers.ts'
import { scenarios } from './scenarios/scenarios.ts'

/** What the user asks for. */
export interface Options {
  readonly scenarios: readonly string[]
  /** `undefined`: all that the scenarios name. */
  readonly candidates: readonly string[] | undefined
  readonly repetitions: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Measure the micro benchmarks as well, or nothing else. */
  readonly micro: boolean
  readonly load: boolean
  readonly json: boolean
  readonly built: boolean
  readonly install: boolean
  /** False leaves out what does not come from npm, for load generator and upstream too. */
  readonly nativeTools: boolean
  /** Folder for result, page and charts; `undefined`: their places in the repository. */
  readonly output: string | undefined
}

/** The user asked for something that there is not. */
export class UsageError extends Error {}

const quickScenarios = ['A', 'B']
const quickCandidates = ['gatewright', 'nginx', 'fastify-http-proxy']

/** Printed by `--help`. */
export const help = `usage: npm run bench -- [options]

Measures Gatewright beside its peers in one run: processor time per request, and the ratio to each
peer repetition by repetition. Without options it runs everything, which takes about an hour.

  --quick              scenarios ${quickScenarios.join(' and ')} with ${quickCandidates.join(', ')}; under two minutes
  --scenario A,B       only these scenarios; known: ${scenarios.map(({ name }) => name).join(', ')}
  --candidate X,Y      only these candidates; known:
${listCandidates()}
  --repetitions N      default 5, with --quick 3
  --seconds N          of each repetition; default 2
  --warm-up N          seconds before the first repetition; default 3
  --micro              only the micro benchmarks, in nanoseconds
  --built              the command as it is published, from "npm run build"
  --install            install what is missing with apt-get, as root
  --no-native          only what npm brings: no nginx, HAProxy, Caddy or wrk
  --output DIR         write result, page and charts there; default bench/results and docs
  --json               print the result as JSON
  --help               print this
`

/** Reads the command line. Throws UsageError; `undefined` stands for a wish for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const { quick, micro, output } = values
  const chosen = select(
    'scenario',
    values.scenario,
    scenarios.map(({ name }) => name),
  )
  const candidates = select(
    'candidate',
    values.candidate,
    allPeers().map(({ name }) => name),
  )
  return {
    micro: micro || (!quick && chosen === undefined),
    load: !micro,
    scenarios: chosen ?? (quick ? quickScenarios : scenarios.map(({ name }) => name)),
    candidates: candidates ?? (quick ? quickCandidates : undefined),
    repetitions: readNumber('repetitions', values.repetitions ?? (quick ? '3' : '5'), 1),
    seconds: readNumber('seconds', values.seconds, 1),
    warmUpSeconds: readNumber('warm-up', values['warm-up'], 0),
    json: values.json,
    built: values.built,
    install: values.install,
    nativeTools: !values['no-native'],
    output,
  }
}

// The shape follows from the options that are listed.
function parse(args: readonly string[]) {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({
      args: [...args],
      options: {
        quick: flag,
        micro: flag,
        json: flag,
        built: flag,
        install: flag,
        help: { ...flag, short: 'h' },
        'no-native': flag,
        scenario: { type: 'string' },
        candidate: { type: 'string' },
        repetitions: { type: 'string' },
        seconds: { type: 'string', default: '2' },
        'warm-up': { type: 'string', default: '3' },
        output: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function select(
  option: string,
  list: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  const names = list?.split(',').map((name) => name.trim())
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown === undefined) return names
  throw new UsageError(`--${option}: unknown "${unknown}"; known: ${known.join(', ')}`)
}

function readNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  throw new UsageError(`--${option}: expected an integer of at least ${least}, found "${text}"`)
}

function listCandidates(): string {
  return allPeers()
    .map(({ name, title }) => `    ${name.padEnd(22)} ${title}`)
    .join('\n')
}
