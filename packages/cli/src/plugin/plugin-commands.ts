/**
 * `plugin …`: what there is, and what authors of plugins need.
 *
 * @module
 */
import type { Command } from 'commander'
import type { Host, Shared } from '../observing-commands.ts'
import { Output } from '../output.ts'

/** What all of them have in common. */
interface Group {
  readonly plugin: Command
  readonly done: Host['done']
  readonly read: (own: Shared) => [config: string | undefined, output: Output]
}

/** `plugin list`, `info`, `why`, `add`, `doctor`, `docs`. */
export function addPlugin(program: Command, { shared, done }: Host): void {
  const plugin = program
    .command('plugin')
    .description('show which plugins there are, and help to make them')
  const read: Group['read'] = (own) => {
    const { config, json } = { ...shared(), ...own }
    return [config, new Output(json === true)]
  }
  const group = { plugin, done, read }
  addLookups(group)
  addPackages(group)
}

function addLookups({ plugin, done, read }: Group): void {
  withFile(plugin.command('list'))
    .description('list every plugin, and what each provides')
    .action(async (own: Shared) => {
      const { listPlugins } = await import('./plugin-list.ts')
      done(await listPlugins(...read(own)))
    })
  withFile(plugin.command('info'))
    .argument('<name>', 'of the plugin, also without what all names begin with')
    .description('show what a plugin provides, with all options')
    .action(async (name: string, own: Shared) => {
      const { showPlugin } = await import('./plugin-list.ts')
      done(await showPlugin(name, ...read(own)))
    })
  withFile(plugin.command('why'))
    .argument('<type>', 'such as rate-limit or round-robin')
    .description('say which plugin a type is of, and why it is there')
    .action(async (type: string, own: Shared) => {
      const { whyPlugin } = await import('./plugin-list.ts')
      done(await whyPlugin(type, ...read(own)))
    })
}

function addPackages({ plugin, done, read }: Group): void {
  withFile(plugin.command('add'))
    .argument('<package>', 'such as gatewright-plugin-geo-block@^1.2')
    .description('install the package of a plugin, and print the block that uses it')
    .action(async (specifier: string, own: Shared) => {
      const { addPluginPackage } = await import('./plugin-add.ts')
      done(await addPluginPackage(specifier, ...read(own)))
    })
  plugin
    .command('doctor')
    .argument('[dir]', 'of the package; default: the working directory', '.')
    .description('look at the package of a plugin as somebody does who is going to install it')
    .option('--json', 'print JSON')
    .action(async (dir: string, own: Shared) => {
      const { examinePlugin } = await import('./plugin-doctor.ts')
      done(await examinePlugin(dir, read(own)[1]))
    })
  plugin
    .command('docs')
    .argument('[dir]', 'of the package; default: the working directory', '.')
    .description('write the options of a plugin into its README')
    .option('--check', 'write nothing, and end with 1 if the README is old')
    .action(async (dir: string, own: Shared & { readonly check?: boolean }) => {
      const { writePluginDocs } = await import('./plugin-docs.ts')
      done(await writePluginDocs(dir, own.check === true, read(own)[1]))
    })
}

function withFile(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration file; default: gateway.hcl, if it is there')
    .option('--json', 'print JSON')
}
