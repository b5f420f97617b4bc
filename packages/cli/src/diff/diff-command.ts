import { randomBytes } from 'node:crypto'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { type Failure, failureOf, reportFailure } from '../failure.ts'
import type { Output } from '../output.ts'
import type { OtherAddresses } from '../running/messages.ts'
import { askRunning } from '../running/running-gateways.ts'
import { differencesToJson, renderDifferences } from './difference-view.ts'
import { differencesOf } from './differences.ts'
import { outlineOfFile } from './file-outline.ts'
import type { Outline } from './outline.ts'

/** The options of `diff`. */
export interface DiffOptions {
  readonly config?: string
  /** A file to compare with, in place of what runs. */
  readonly from?: string
  /** Which of several running gateways. */
  readonly pid?: number
  /** Takes variables that are not set as unknown. */
  readonly allowMissingEnv?: boolean
  /** Ends with another code if something would change. */
  readonly exitCode?: boolean
}

/** What is compared with the new configuration. */
interface Present {
  readonly outline: Outline
  readonly key: string
  readonly addresses: OtherAddresses
  /** How many processes do the work; as the configuration says if nothing runs. */
  readonly workers?: number
  readonly source: { readonly file?: string; readonly pid?: number; readonly version?: number }
}

/** Tells what a reload of a running gateway would do, or how two files differ. */
export async function diff(options: DiffOptions, output: Output): Promise<ExitCode> {
  const { from, allowMissingEnv = false } = options
  const file = new ConfigFile(options.config)
  const present =
    from === undefined
      ? await presentOfRunning(options, file)
      : await presentOfFile(new ConfigFile(from), allowMissingEnv, output)
  if ('failure' in present) return reportFailure(present.failure, output)
  const { key, addresses, source } = present
  const next = await outlineOfFile(file, { key, addresses, allowMissingEnv }, output)
  if ('failure' in next) return reportFailure(next.failure, output)

  const differences = differencesOf(present.outline, next.outline, key, present.workers)
  if (output.json) {
    output.printJson({ from: source, to: { file: file.path }, ...differencesToJson(differences) })
  } else {
    output.print(`${titleOf(source)} → ${file.path}\n`)
    output.print(renderDifferences(differences, output.stdout))
  }
  return options.exitCode === true && !differences.unchanged ? exitCodes.no : exitCodes.ok
}

async function presentOfRunning(
  { pid }: DiffOptions,
  { path }: ConfigFile,
): Promise<Present | { readonly failure: Failure }> {
  try {
    const found = await askRunning({ file: path, ...(pid !== undefined && { pid }) })
    const { key, outline, addresses, workers, version } = found.running
    const { file } = found
    const source = { pid: found.pid, version, ...(file !== undefined && { file }) }
    return { outline, key, addresses, workers, source }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

async function presentOfFile(
  file: ConfigFile,
  allowMissingEnv: boolean,
  output: Output,
): Promise<Present | { readonly failure: Failure }> {
  const key = randomBytes(32).toString('hex')
  const addresses = { given: {}, chosen: [] }
  const made = await outlineOfFile(file, { key, addresses, allowMissingEnv }, output)
  return 'failure' in made ? made : { ...made, key, addresses, source: { file: file.path } }
}

function titleOf({ file = 'no file', pid, version }: Present['source']): string {
  return pid === undefined ? file : `process ${pid}, version ${version} (${file})`
}
