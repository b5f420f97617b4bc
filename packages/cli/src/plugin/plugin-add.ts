import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { installWords } from '@gatewright/standard/packages'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output.ts'

/** Installs a package beside the configuration, and prints the block that uses it. */
export async function addPluginPackage(
  specifier: string,
  config: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const folder = dirname(resolve(new ConfigFile(config).path))
  const [program, ...args] = installWords(specifier, folder)
  output.complain([program, ...args].join(' '))
  const child = spawn(program, args, { cwd: folder, stdio: ['inherit', 2, 2] })
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
