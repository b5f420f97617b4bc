import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway, type GatewayError, type Inspected, isGatewayError } from '@gatewright/kernel'
import type { Explanation, RouteQuestion } from '@gatewright/plugin-management'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf, reportFailure } from '../failure.ts'
import { createLog } from '../log.ts'
import type { Output } from '../output.ts'
import { findRunning } from '../running/running-gateways.ts'
import type { ConfigTopics } from '../running/topics.ts'
import { readWorkerCount } from '../workers/settings.ts'
import { renderExplanation } from './explain-view.ts'
import { renderPipeline, renderTaps } from './order-view.ts'

/** Whom to ask. */
export interface ExplainSource {
  readonly config?: string
  /** Asks the running gateway rather than the file. */
  readonly running: boolean
  /** Which of several running gateways. */
  readonly pid?: number
}

/** What `explain order` is asked about. */
export interface OrderQuestion {
  readonly hook?: string
  readonly router?: string
}

/** Says which router would take a request, and why the others would not. */
export async function explainRequest(
  source: ExplainSource,
  question: RouteQuestion,
  output: Output,
): Promise<ExitCode> {
  return await answered(source, 'explain', question, output, (explanation) => {
    if (output.json) output.printJson(explanation)
    else output.print(renderExplanation(explanation, source.running, output.stdout))
    return exitCodeOf(explanation)
  })
}

/** Says what the exchanges of a router pass, or in which order taps run. */
export async function explainOrder(
  source: ExplainSource,
  { hook, router }: OrderQuestion,
  output: Output,
): Promise<ExitCode> {
  if (router === undefined) {
    const question = hook === undefined ? {} : { hook }
    return await answered(source, 'taps', question, output, (answer) => {
      if (output.json) output.printJson(answer)
      else output.print(renderTaps(answer, output.stdout))
      return exitCodes.ok
    })
  }
  const question = { router, ...(hook !== undefined && { phase: hook }) }
  return await answered(source, 'pipeline', question, output, (answer) => {
    if (output.json) output.printJson(answer)
    else output.print(renderPipeline(answer, output.stdout))
    return exitCodes.ok
  })
}

function exitCodeOf({ outcome }: Explanation): ExitCode {
  return outcome === 'routed' ? exitCodes.ok : exitCodes.no
}

async function answered<T extends keyof ConfigTopics>(
  source: ExplainSource,
  topic: T,
  question: ConfigTopics[T]['question'],
  output: Output,
  show: (answer: ConfigTopics[T]['answer']) => ExitCode,
): Promise<ExitCode> {
  const file = new ConfigFile(source.config)
  let document: HclDocument | undefined
  try {
    if (source.running) {
      const { pid } = source
      const running = await findRunning({ file: file.path, ...(pid !== undefined && { pid }) })
      return show(await running.ask(topic, question))
    }
    document = await file.read()
    return show(await inspectFile(file, document, topic, question, output))
  } catch (error) {
    const failure = failureOf(error, document)
    const exitCode = isQuestionable(error) ? exitCodes.usage : failure.exitCode
    return reportFailure({ ...failure, exitCode }, output)
  }
}

async function inspectFile<T extends keyof ConfigTopics>(
  file: ConfigFile,
  document: HclDocument,
  topic: T,
  question: ConfigTopics[T]['question'],
  output: Output,
): Promise<ConfigTopics[T]['answer']> {
  const { configAnswers } = await import('../running/topic-answers.ts')
  const log = await createLog('error', output.stderr, output.json, true)
  const share = 1 / (readWorkerCount(document.config) ?? 1)
  const loader = file.createLoader()
  await using gateway = new Gateway({ log, loader, share, sharedSecret: '' })
  return await gateway.inspect(document, (inspected: Inspected) =>
    configAnswers[topic](inspected, question),
  )
}

/** True if nothing is wrong but what was asked. */
function isQuestionable(error: unknown): error is GatewayError {
  return isGatewayError(error) && error.code.startsWith('GW_QUESTION_')
}
