import { formatPath } from '@gatewright/config-hcl'
import type { Logger } from 'pino'
import { type Failure, renderFailure } from './failure.ts'
import type { Output } from './output.ts'

/** Tells why a reload changed nothing. */
export function logRefusal(failure: Failure, log: Logger, output: Output): void {
  const { code, title: problem, hint, diagnostics } = failure
  if (code === 'GW_SUPERSEDED') return log.debug('a newer configuration came first')
  if (code === 'GW_NOT_STARTED') return log.debug('too late to reload')
  if (output.stderr.isTTY === true && !output.json) {
    output.complain(renderFailure(failure, output))
  } else {
    for (const { file, line, column, path, ...rest } of diagnostics) {
      const { code: found, message, hint: advice } = rest
      const at = `${file}:${line}:${column}`
      const fields = { at, code: found, path: formatPath(path), problem: message, hint: advice }
      log.error(fields, 'problem in the configuration')
    }
  }
  log.error({ code, problem, hint }, 'reload refused; the running configuration stays')
}
