import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf, reportFailure } from '../failure.ts'
import type { Output } from '../output.ts'
import { findRunning } from '../running/running-gateways.ts'
import { renderStatus } from './status-view.ts'

/** Which gateway is asked. */
export interface WhichGateway {
  /** Of several, the one that runs this file. */
  readonly config?: string
  readonly pid?: number
}

/** Says how the running gateway does. */
export async function status({ config, pid }: WhichGateway, output: Output): Promise<ExitCode> {
  const { path } = new ConfigFile(config)
  try {
    const running = await findRunning({ file: path, ...(pid !== undefined && { pid }) })
    const answer = await running.ask('status', null)
    const who = { pid: running.pid, ...(running.file !== undefined && { file: running.file }) }
    if (output.json) output.printJson({ ...who, ...answer })
    else output.print(renderStatus(who, answer, output.stdout))
    return answer.health.state === 'Running' ? exitCodes.ok : exitCodes.no
  } catch (error) {
    return reportFailure(failureOf(error), output)
  }
}
