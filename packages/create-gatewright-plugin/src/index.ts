/**
 * `npm create gatewright-plugin`: the same as `gatewright create-plugin`, without anything
 * installed before.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import {
  type CreateFlags,
  createOptions,
  createPlugin,
  nameArgument,
} from '@gatewright/create-plugin'
import { Command, CommanderError } from 'commander'

/** Runs the command with the arguments that stand behind its name, and returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = new Command('create-gatewright-plugin')
    .description('Makes the project of a new Gatewright plugin')
    .argument(...nameArgument)
    .version(`create-gatewright-plugin ${readVersion()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .action(async (name: string | undefined, flags: CreateFlags) => {
      exitCode = await createPlugin(name, flags)
    })
  for (const option of createOptions) program.option(...option)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has said what it is about.
    return error.exitCode === 0 ? 0 : 2
  }
  return exitCode
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  // Every package.json that npm accepts has a version.
  return (JSON.parse(text) as { readonly version: string }).version
}
