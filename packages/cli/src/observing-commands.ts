/**
 * The subcommands that tell how a gateway does, or would do.
 *
 * @module
 */
import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-code.ts'
import type { ExplainSource } from './explain/explain-command.ts'
import { Output } from './output.ts'
import { UsageError } from './usage-error.ts'

/** What commands share whose options may also stand before their name. */
export interface Shared {
  readonly config?: string
  readonly json?: boolean
}

/** What a subcommand needs of the command. */
export interface Host {
  /** The options that stand before the name of a subcommand. */
  readonly shared: () => Shared
  readonly done: (exitCode: ExitCode) => void
}

interface ExplainFlags extends Shared {
  readonly method?: string
  readonly header: readonly string[]
  readonly entrypoint?: string
  readonly from?: string
  readonly running?: boolean
  readonly pid?: string
  readonly router?: string
}

/** `explain <url>` and `explain order`. */
export function addExplain(program: Command, { shared, done }: Host): void {
  program
    .command('explain')
    .description('say which router would take a request and why the others would not')
    .argument(
      '<what>',
      'a URL, a path such as /users, "order", or an option such as middleware.retry.max_retries',
    )
    .argument('[hook]', 'after "order": the hook, such as request')
    .option('-c, --config <file>', 'the configuration file; default: gateway.hcl')
    .option('-X, --method <method>', 'of the request; default: GET')
    .addOption(
      new Option('-H, --header <field>', 'a header of the request, as "name: value"; repeatable')
        .argParser((field: string, fields: readonly string[]) => [...fields, field])
        .default([], 'none'),
    )
    .option('--entrypoint <name>', 'where the request arrives; default: where the URL leads')
    .option('--from <ip>', 'the address of the client; default: 127.0.0.1')
    .option('--router <name>', 'after "order": all that its requests pass')
    .option('--running', 'ask the gateway that runs, not the file')
    .option('--pid <pid>', 'the process id of the gateway, if several run')
    .option('--json', 'print JSON')
    .addHelpText('after', explainExamples)
    .action(async (what: string, hook: string | undefined, own: ExplainFlags) =>
      done(await explain(what, hook, { ...shared(), ...own })),
    )
}

async function explain(
  what: string,
  hook: string | undefined,
  flags: ExplainFlags,
): Promise<ExitCode> {
  const output = new Output(flags.json === true)
  const { isOptionPath, explainOption } = await import('./plugin/explain-option.ts')
  if (isOptionPath(what)) return await explainOption(what, flags.config, output)
  const source = sourceOf(flags)
  const commands = await import('./explain/explain-command.ts')
  const { router, method, entrypoint, from } = flags
  if (what === 'order') {
    const question = {
      ...(hook !== undefined && { hook }),
      ...(router !== undefined && { router }),
    }
    return await commands.explainOrder(source, question, output)
  }
  if (hook !== undefined) throw new UsageError(`unexpected argument '${hook}'`)
  if (router !== undefined) {
    throw new UsageError("option '--router' goes with 'explain order' only")
  }
  const question = {
    url: what,
    headers: flags.header.map(readHeader),
    ...(method !== undefined && { method }),
    ...(entrypoint !== undefined && { entrypoint }),
    ...(from !== undefined && { remote_address: from }),
  }
  return await commands.explainRequest(source, question, output)
}

interface WatchFlags extends Shared {
  readonly pid?: string
  readonly interval?: string
  readonly once?: boolean
}

/** `status` and `top`. */
export function addWatching(program: Command, { shared, done }: Host): void {
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'of several gateways, the one that runs this file')
      .option('--pid <pid>', 'the process id of the gateway, if several run')
  add('status', 'say how the running gateway does')
    .option('--json', 'print JSON')
    .action(async (own: WatchFlags) => {
      const flags = { ...shared(), ...own }
      const { status } = await import('./status/status-command.ts')
      done(await status(whichOf(flags), new Output(flags.json === true)))
    })
  add('top', 'show what goes through the running gateway; q quits')
    .option('--interval <time>', 'how often to look, such as 500ms; default: 1s')
    .option('--once', 'print one interval as a table and end, as if there were no terminal')
    .option('--json', 'print a line of JSON for each interval')
    .action(async (own: WatchFlags) => {
      const flags = { ...shared(), ...own }
      const intervalMs = await readInterval(flags.interval ?? '1s')
      const { top } = await import('./top/top-command.ts')
      const options = { ...whichOf(flags), intervalMs, once: flags.once === true }
      done(await top(options, new Output(flags.json === true)))
    })
}

function whichOf({ config, pid }: WatchFlags): { config?: string; pid?: number } {
  return {
    ...(config !== undefined && { config }),
    ...(pid !== undefined && { pid: readPid(pid) }),
  }
}

const shortestIntervalMs = 100

async function readInterval(text: string): Promise<number> {
  const { tryDuration } = await import('@gatewright/kernel')
  const ms = tryDuration(text)
  if (ms !== undefined && ms >= shortestIntervalMs) return ms
  throw new UsageError(
    `option '--interval': expected a duration of at least 100ms, such as 2s, found "${text}"`,
  )
}

function sourceOf({ config, pid, running = pid !== undefined }: ExplainFlags): ExplainSource {
  return {
    running,
    ...(config !== undefined && { config }),
    ...(pid !== undefined && { pid: readPid(pid) }),
  }
}

function readHeader(field: string): readonly [string, string] {
  const colon = field.indexOf(':')
  if (colon > 0) return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()]
  throw new UsageError(`option '--header': expected "name: value", found "${field}"`)
}

/** A process id that the user gave. Throws UsageError. */
export function readPid(text: string): number {
  const pid = Number(text)
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new UsageError(`option '--pid': expected a process id, found "${text}"`)
}

const explainExamples = `
Examples:
  gatewright explain https://example.com/users?page=2
  gatewright explain /users -X POST -H 'host: example.com' -H 'x-tenant: a'
  gatewright explain tls://db.example.com:5432 --entrypoint db
  gatewright explain http://example.com/ --running     what runs decides, not the file
  gatewright explain order --router api                all that requests of "api" pass
  gatewright explain order response                    who taps this hook, in order
  gatewright explain middleware.rate-limit.burst       what an option is for

Ends with 0 if a router takes the request, 4 if none does, 2 if the question makes no sense, 1 if
there is no answer, such as for a configuration that is wrong.`
