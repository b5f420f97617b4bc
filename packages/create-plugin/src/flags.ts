/**
 * The command line of `gatewright create-plugin` and of `create-gatewright-plugin`. Loads nothing:
 * both have to know it before they know what they are asked for.
 *
 * @module
 */

/** What stands on the command line, unchecked. */
export interface CreateFlags {
  readonly kind?: string
  readonly style?: string
  readonly dir?: string
  readonly scope?: string
  readonly pm?: string
  readonly license?: string
  readonly js?: boolean
  /** False for `--no-install`. */
  readonly install?: boolean
  /** False for `--no-git`. */
  readonly git?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** The argument that both commands take, for commander. */
export const nameArgument: readonly [name: string, description: string] = [
  '[name]',
  'name of the plugin, such as geo-block',
]

/** The options of both commands, for commander. */
export const createOptions: readonly (readonly [flags: string, description: string])[] = [
  [
    '-k, --kind <kind>',
    'middleware, provider, balancer, matcher, protocol, service-feature or hook',
  ],
  ['--style <style>', 'of a middleware: filter (the default) or around'],
  ['--dir <path>', 'where to make it; default: a folder with the name of the package'],
  ['--scope <scope>', 'publish it below this scope, such as @acme'],
  ['--pm <manager>', 'npm, pnpm or yarn; default: the one that runs this, else npm'],
  ['--license <license>', 'MIT (the default), ISC, Apache-2.0 or UNLICENSED'],
  ['--js', 'write JavaScript instead of TypeScript'],
  ['--no-install', 'do not install the dependencies'],
  ['--no-git', 'do not make a git repository'],
  ['-y, --yes', 'ask nothing, take the defaults'],
  ['--json', 'ask nothing, and print what was made as JSON'],
]
