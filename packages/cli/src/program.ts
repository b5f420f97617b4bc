import {
  type CreateFlags,
  createOptions,
  createPlugin,
  nameArgument,
} from '@gatewright/create-plugin'
import type { Gateway } from '@gatewright/kernel'
import { Argument, Command, CommanderError } from 'commander'
import { completionScript, type Shell, shells } from './completion.ts'
import type { ConfigView } from './config-command.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { addExplain, addWatching, readPid } from './observing-commands.ts'
import { Output } from './output.ts'
import { addPlugin } from './plugin/plugin-commands.ts'
import type { StartFlags } from './start-options.ts'
import { UsageError } from './usage-error.ts'
import { readVersion } from './version.ts'

/** What a program that runs the command may want besides. */
export interface RunOptions {
  /**
   * Called by `start` once every entrypoint listens. Not called if the configuration wants several
   * workers: then there is no gateway in this process.
   */
  readonly onReady?: (gateway: Gateway) => void
}

/** The options of every command as commander found them. */
interface Flags extends StartFlags {
  readonly allowMissingEnv?: boolean
  readonly format?: string
  readonly from?: string
  readonly pid?: string
  readonly exitCode?: boolean
}

/**
 * Runs the command with the arguments that stand behind its name, and returns the exit code:
 * 0 in order, 1 a problem of configuration, validation or plugins, 2 wrong usage, 3 an entrypoint
 * that cannot listen. What it needs is loaded only by the subcommand that needs it.
 */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok
  const program = createProgram(options, (code) => (exitCode = code))
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof UsageError) {
      new Output(false).complain(`error: ${error.message}`)
      return exitCodes.usage
    }
    if (!(error instanceof CommanderError)) throw error
    // Commander has said what it is about.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  return exitCode
}

type Done = (exitCode: ExitCode) => void

function createProgram(options: RunOptions, done: Done): Command {
  const program = new Command('gatewright')
    .description(
      'A proxy made of plugins. Without a command it starts with the configuration file.',
    )
    .version(`gatewright ${readVersion()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(run with --help to see what is possible)')
    .addHelpText('after', examples)
  const begin = async (flags: Flags): Promise<void> => {
    const { readStartOptions } = await import('./start-options.ts')
    const settings = readStartOptions(flags)
    const { start } = await import('./start-command.ts')
    done(await start(settings, new Output(settings.json), options.onReady))
  }
  addStartOptions(program).action(async () => {
    await refuseUnknownCommand(program)
    await begin(program.opts<Flags>())
  })
  addStartOptions(program.command('start').description('start a gateway (the default)')).action(
    async (own: Flags) => begin({ ...program.opts<Flags>(), ...own }),
  )
  addStartOptions(
    program
      .command('dev')
      .argument('[config]', 'the configuration file; default: gateway.hcl')
      .description('start a gateway that follows its configuration and the sources of its plugins'),
  ).action(async (config: string | undefined, own: Flags) => {
    const { readStartOptions } = await import('./start-options.ts')
    const flags = { ...program.opts<Flags>(), ...own, ...(config !== undefined && { config }) }
    const settings = readStartOptions(flags)
    const { develop } = await import('./dev/dev-command.ts')
    done(await develop(settings, new Output(settings.json)))
  })
  addValidate(program, done)
  addDiff(program, done)
  addConfig(program, done)
  const host = { shared: () => inherit(program, {}), done }
  addExplain(program, host)
  addWatching(program, host)
  addCreatePlugin(program, done)
  addSchema(program, done)
  addPlugin(program, { shared: () => inherit(program, {}), done })
  addCompletion(program)
  // What is no command gets here. Set last, since commands take over what is set before them.
  return program.allowExcessArguments()
}

function addStartOptions(command: Command): Command {
  return addConfigOption(command)
    .option('-l, --listen <addr>', 'listen there with the entrypoint "web", whatever the file says')
    .option(
      '--log-level <level>',
      'trace, debug, info, warn or error; default: $GATEWRIGHT_LOG, else info',
    )
    .option(
      '--io <mode>',
      'auto, fast or portable; default: $GATEWRIGHT_IO, else "io" of the file, else auto',
    )
    .option('--json', 'log JSON lines, and report problems as JSON')
}

function addConfigOption(command: Command): Command {
  return command.option('-c, --config <file>', 'the configuration file; default: gateway.hcl')
}

function addValidate(program: Command, done: Done): void {
  addConfigOption(program.command('validate').alias('check'))
    .description('check a configuration without starting')
    .option('--json', 'print the problems as JSON')
    .option('--format <format>', 'text or json')
    .option('--allow-missing-env', 'do not complain about environment variables that are not set')
    .action(async (own: Flags) => {
      const flags = inherit(program, own)
      const { format = 'text' } = flags
      if (format !== 'text' && format !== 'json') {
        throw new UsageError(`option '--format': expected text or json, found "${format}"`)
      }
      const { validate } = await import('./validate-command.ts')
      done(await validate(flags, new Output(flags.json === true || format === 'json')))
    })
}

function addDiff(program: Command, done: Done): void {
  addConfigOption(program.command('diff'))
    .description('show what a reload would do, without doing it')
    .option('--from <file>', 'compare with this file rather than with the gateway that runs')
    .option('--pid <pid>', 'the process id of the gateway, if several run')
    .option('--json', 'print JSON')
    .option('--exit-code', 'end with 4 if something would change')
    .option('--allow-missing-env', 'do not complain about environment variables that are not set')
    .action(async (own: Flags) => {
      const { pid, ...flags } = inherit(program, own)
      if (pid !== undefined && flags.from !== undefined) {
        throw new UsageError("option '--pid' makes no sense with '--from'")
      }
      const { diff } = await import('./diff/diff-command.ts')
      const options = { ...flags, ...(pid !== undefined && { pid: readPid(pid) }) }
      done(await diff(options, new Output(flags.json === true)))
    })
}

const views: Readonly<Record<ConfigView, string>> = {
  summary: 'how much there is of what',
  entrypoints: 'where it listens',
  routes: 'which requests go where',
  services: 'which servers there are',
  middlewares: 'what requests pass through',
  plugins: 'which plugins take part',
  json: 'everything, with all defaults',
}

function addConfig(program: Command, done: Done): void {
  const config = program.command('config').description('show what a configuration says')
  for (const [view, description] of Object.entries(views)) {
    addConfigOption(config.command(view).description(description))
      .option('--json', 'print JSON')
      .action(async (own: Flags) => {
        const flags = inherit(program, own)
        const { showConfig } = await import('./config-command.ts')
        const output = new Output(flags.json === true)
        // One of the keys of `views`.
        done(await showConfig(view as ConfigView, flags.config, output))
      })
  }
}

function addCreatePlugin(program: Command, done: Done): void {
  const command = program
    .command('create-plugin')
    .description('make the project of a new plugin')
    .argument(...nameArgument)
    .action(async (name: string | undefined, own: CreateFlags) => {
      // `--json` may stand before the command too.
      const { json } = program.opts<Flags>()
      done(await createPlugin(name, { ...(json === true && { json }), ...own }))
    })
  for (const option of createOptions) command.option(...option)
}

function addSchema(program: Command, done: Done): void {
  addConfigOption(program.command('schema'))
    .description('print a JSON Schema of the configuration, with the plugins that are there')
    .action(async (own: Flags) => {
      const { config } = inherit(program, own)
      const { showSchema } = await import('./schema-command.ts')
      done(await showSchema(config, new Output(true)))
    })
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'whose script it is').choices(shells))
    .action((shell: Shell) => new Output(false).print(completionScript(program, shell)))
}

/** Options may stand before the command too, but those of `start` make no sense there. */
function inherit(program: Command, own: Flags): Flags {
  const { listen, logLevel, io, ...shared } = program.opts<Flags>()
  if (listen !== undefined) throw new UsageError("option '--listen' is for starting only")
  if (logLevel !== undefined) throw new UsageError("option '--log-level' is for starting only")
  if (io !== undefined) throw new UsageError("option '--io' is for starting only")
  return { ...shared, ...own }
}

async function refuseUnknownCommand(program: Command): Promise<void> {
  const [name] = program.args
  if (name === undefined) return
  const { nearest } = await import('@gatewright/kernel')
  const known = program.commands.flatMap((command) => [command.name(), ...command.aliases()])
  const suggestion = nearest(name, known)
  throw new UsageError(
    `unknown command '${name}'` +
      (suggestion === undefined ? '' : `\n(Did you mean ${suggestion}?)`),
  )
}

const examples = `
Examples:
  gatewright                                    start with gateway.hcl
  gatewright -c edge.hcl -l 127.0.0.1:8080      another file, another address
  gatewright validate -c edge.hcl --json        check a file, problems as JSON
  gatewright diff -c new.hcl                    what the running gateway would do with it
  gatewright config services -c edge.hcl        what its services are
  gatewright explain http://example.com/users   which router would take that, and why
  gatewright status                             how the running gateway does
  gatewright top --interval 2s                  what goes through it, live

Signals:
  SIGINT, SIGTERM   finish what is going on, then end; a second one ends it at once
  SIGHUP            read the configuration file again
  SIGUSR2           replace the workers one by one, if there are several

Exit codes:
  0  in order
  1  a problem with the configuration or a plugin
  2  wrong usage
  3  an entrypoint cannot listen
  4  the answer is no: something would change (diff --exit-code), no router takes it (explain),
     the gateway does not serve (status)`
