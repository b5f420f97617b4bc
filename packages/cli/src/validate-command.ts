import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway, redactedConfig } from '@gatewright/kernel'
import { ConfigFile } from './config-file.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { type Failure, failureOf, failureToJson, invalid, reportFailure } from './failure.ts'
import { listedOf } from './listings.ts'
import { createLog } from './log.ts'
import { sayMissing } from './missing-variables.ts'
import type { Output } from './output.ts'
import { renderSummary } from './summary.ts'
import { readWorkerCount } from './workers/settings.ts'

/** The options of `validate`. */
export interface ValidateOptions {
  readonly config?: string
  /** Takes variables that are not set as unknown. */
  readonly allowMissingEnv?: boolean
}

/** Checks a configuration as thoroughly as a start would, without listening. */
export async function validate(
  { config, allowMissingEnv = false }: ValidateOptions,
  output: Output,
): Promise<ExitCode> {
  const failure = await check(new ConfigFile(config), allowMissingEnv, output)
  if (!output.json) return failure === undefined ? exitCodes.ok : reportFailure(failure, output)
  // Whoever asks for JSON wants the problems as the result.
  output.printJson(failure === undefined ? [] : failureToJson(failure))
  return failure === undefined ? exitCodes.ok : failure.exitCode
}

async function check(
  file: ConfigFile,
  allowMissingEnv: boolean,
  output: Output,
): Promise<Failure | undefined> {
  // Its output is for people unless they ask for JSON.
  const log = await createLog('warn', output.stderr, output.json, true)
  const loader = file.createLoader({ allowMissingEnv })
  let document: HclDocument | undefined
  try {
    document = await file.read({ allowMissingEnv })
    // What does not go with several processes must show here, too.
    const share = 1 / (readWorkerCount(document.config) ?? 1)
    await using gateway = new Gateway({ log, loader, share, sharedSecret: '' })
    say(output, `✓ Config parsed successfully (${file.path})`)
    sayMissing(document, output)
    const problems = await gateway.validate(document)
    const failure = invalid(problems, document)
    // Problems with values that are not known were left out.
    if (failure.diagnostics.length > 0) return failure
    say(output, '✓ Configuration is valid\n')
    const understood = await gateway.understand(document)
    const shown = await redactedConfig(understood, loader)
    say(output, renderSummary(listedOf(understood.blueprint, shown)))
    return undefined
  } catch (error) {
    return failureOf(error, document)
  }
}

function say(output: Output, text: string): void {
  if (!output.json) output.print(text)
}
