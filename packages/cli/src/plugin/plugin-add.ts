import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output.ts'

const managers: Readonly<Record<string, readonly [program: string, verb: string]>> = {
  'pnpm-lock.yaml': ['pnpm', 'add'],
  'yarn.lock': ['yarn', 'add'],
  'bun.lock': ['bun', 'add'],
}

/** Installs a package beside the configuration, and prints the block that uses it. */
export async function addPluginPackage(
  specifier: string,
  config: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const folder = dirname(resolve(new ConfigFile(config).path))
  const [program, verb] = managerOf(folder)
  output.complain(`${program} ${verb} ${specifier}`)
  const child = spawn(program, [verb, specifier], { cwd: folder, stdio: ['inherit', 2, 2] })
  const [code] = await once(child, 'close').catch((error: unknown) => {
    output.complain(`error: ${program} cannot be run: ${String(error)}`)
    return [1]
  })
  if (code !== 0) return exitCodes.failed
  const source = specifier.replace(/(?<=.)@[^/@]*$/, '')
  const label = source.replace(/^@gatewright\/plugin-|^(?:@[^/]+\/)?gatewright-plugin-/, '')
  const block = `plugins "${label}" {\n  source = "${source}"\n}`
  if (output.json) output.printJson({ source, label, block })
  else output.print(`\nAdd to the configuration:\n\n${block}`)
  return exitCodes.ok
}

/** The one whose lockfile is nearest; npm if there is none. */
function managerOf(folder: string): readonly [program: string, verb: string] {
  for (let at = folder; ; at = dirname(at)) {
    const found = Object.keys(managers).find((file) => existsSync(join(at, file)))
    const manager = found === undefined ? undefined : managers[found]
    if (manager !== undefined) return manager
    if (dirname(at) === at) return ['npm', 'install']
  }
}
