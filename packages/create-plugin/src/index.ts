/**
 * Makes the project of a new plugin, from the templates beside it. What it needs is loaded once it
 * is asked to.
 *
 * @module
 */
import type { CreateExitCode } from './create-plugin.ts'
import type { CreateFlags } from './flags.ts'

export type { CreateExitCode } from './create-plugin.ts'
export { type CreateFlags, createOptions, nameArgument } from './flags.ts'

/**
 * Makes the project in the working directory, or tells why not. Asks on a terminal for what is
 * missing.
 *
 * @returns The exit code: 0 done, 1 made but not installed, 2 nothing made
 */
export async function createPlugin(
  name: string | undefined,
  flags: CreateFlags,
): Promise<CreateExitCode> {
  const implementation = await import('./create-plugin.ts')
  return implementation.createPlugin(name, flags)
}
