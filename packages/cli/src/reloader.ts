import { formatPath, type HclDocument } from '@gatewright/config-hcl'
import type { Gateway } from '@gatewright/kernel'
import { logAddresses } from './addresses.ts'
import type { ConfigFile } from './config-file.ts'
import { type Failure, failureOf, renderFailure } from './failure.ts'
import type { Output } from './output.ts'

/** Applies the file again when asked to. A reload that fails leaves everything as it is. */
export class Reloader {
  readonly #gateway: Gateway
  readonly #file: ConfigFile
  readonly #output: Output
  #wanted = false
  #running = false

  constructor(gateway: Gateway, file: ConfigFile, output: Output) {
    this.#gateway = gateway
    this.#file = file
    this.#output = output
  }

  /**
   * Reads the file now, or again after the present reading: one at a time, so that what was read
   * last is what runs.
   */
  request(): void {
    this.#wanted = true
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#wanted) {
      this.#wanted = false
      await this.#reload()
    }
    this.#running = false
  }

  /** Never rejects: nobody waits for it. */
  async #reload(): Promise<void> {
    const gateway = this.#gateway
    const { log } = gateway
    if (gateway.state !== 'running') return
    const began = performance.now()
    const { addresses } = gateway
    log.info({ config: this.#file.path }, 'reloading the configuration')
    let document: HclDocument | undefined
    try {
      document = await this.#file.read()
      const { version } = await gateway.reload(document)
      const tookMs = Math.round(performance.now() - began)
      log.info({ version, tookMs }, 'configuration reloaded')
      logAddresses(gateway, addresses)
    } catch (error) {
      this.#refuse(failureOf(error, document))
    }
  }

  #refuse(failure: Failure): void {
    const { code, title: problem, hint, diagnostics } = failure
    const { log } = this.#gateway
    if (code === 'GW_SUPERSEDED') return log.debug('a newer configuration came first')
    if (code === 'GW_NOT_STARTED') return log.debug('too late to reload')
    if (this.#output.stderr.isTTY === true && !this.#output.json) {
      this.#output.complain(renderFailure(failure, this.#output))
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
}
