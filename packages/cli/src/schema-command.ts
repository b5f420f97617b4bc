import { configSchema } from '@gatewright/kernel'
import { readCatalogue } from './catalogue.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { failureOf, reportFailure } from './failure.ts'
import type { Output } from './output.ts'

/** Prints one JSON Schema of all that could be configured. */
export async function showSchema(path: string | undefined, output: Output): Promise<ExitCode> {
  try {
    const { extensions, loaderKeys } = await readCatalogue(path, output)
    output.printJson(configSchema(extensions, loaderKeys))
    return exitCodes.ok
  } catch (error) {
    return reportFailure(failureOf(error), output)
  }
}
