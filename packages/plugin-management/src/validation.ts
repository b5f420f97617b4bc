import { type Diagnostic, diagnose, HclSyntaxError, parseHcl } from '@gatewright/config-hcl'
import {
  asGatewayError,
  type ConfigDocument,
  type ConfigPath,
  type ConfigProblem,
  type RunningGateway,
  redacted,
} from '@gatewright/kernel'

/** One thing that is wrong with a configuration. */
export interface ProblemAnswer {
  readonly code: string
  readonly message: string
  readonly path: ConfigPath
  readonly hint?: string
  /** Not that of the text that was sent. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** What is wrong with a configuration. */
export interface ValidationAnswer {
  readonly valid: boolean
  readonly problems: readonly ProblemAnswer[]
}

/** Says what is wrong with a configuration that somebody sent. Nothing of it takes effect. */
export async function validate(running: RunningGateway, text: string): Promise<ValidationAnswer> {
  // Relative paths begin where they will if it becomes the configuration.
  const file = running.file ?? 'gateway.hcl'
  const found = await problemsIn(running, text, file)
  return { valid: found.length === 0, problems: found.map((problem) => answerOf(problem, file)) }
}

async function problemsIn(
  running: RunningGateway,
  text: string,
  file: string,
): Promise<readonly (ConfigProblem | Diagnostic)[]> {
  try {
    const document = await parseHcl(text, { file })
    const hide = hiderOf(document)
    const problems = diagnose(document, await running.validate(document))
    return problems.map((problem) => ({ ...problem, message: hide(problem.message) }))
  } catch (error) {
    if (error instanceof HclSyntaxError) return error.problems
    const { code, message, problems } = asGatewayError(error)
    return problems.length > 0 ? problems : [{ path: [], code, message }]
  }
}

/** A problem as an answer has it. */
export function answerOf(problem: ConfigProblem, ownFile?: string): ProblemAnswer {
  const { code, message, path, hint, file, line, column } = problem
  return {
    code,
    message,
    path,
    ...(hint !== undefined && { hint }),
    ...(file !== undefined && file !== ownFile && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  }
}

/**
 * Takes out of a message what came from the environment or from other files. Whoever sends a
 * configuration chooses what it reads, and need not be somebody who may read that.
 */
function hiderOf(document: ConfigDocument): (message: string) => string {
  const secrets = [...secretsOf(document, document.config, [])]
  return (message) => secrets.reduce((text, secret) => text.replaceAll(secret, redacted), message)
}

function* secretsOf(document: ConfigDocument, value: unknown, path: ConfigPath): Iterable<string> {
  if (typeof value === 'string') {
    if (value !== '' && document.interpolated?.(path) === true) yield value
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* secretsOf(document, item, [...path, Array.isArray(value) ? Number(key) : key])
    }
  }
}
