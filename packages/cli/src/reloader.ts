import type { HclDocument } from '@gatewright/config-hcl'
import type { Gateway } from '@gatewright/kernel'
import { logAddresses } from './addresses.ts'
import type { ConfigFile } from './config-file.ts'
import { failureOf } from './failure.ts'
import type { Output } from './output.ts'
import { logRefusal } from './refusal.ts'
import { logReload } from './reload-log.ts'

/** Applies the file again when asked to. A reload that fails leaves everything as it is. */
export class Reloader {
  readonly #gateway: Gateway
  readonly #file: ConfigFile
  readonly #output: Output
  /** What runs; `undefined` for what holds without a file. */
  #active: HclDocument | undefined
  #wanted = false
  #running = false

  constructor(gateway: Gateway, file: ConfigFile, active: HclDocument | undefined, output: Output) {
    this.#gateway = gateway
    this.#file = file
    this.#active = active
    this.#output = output
  }

  /** The document that was applied last. */
  get active(): HclDocument | undefined {
    return this.#active
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
      const report = await gateway.reload(document, { quiet: true })
      this.#active = document
      logReload(report, Math.round(performance.now() - began), log, this.#output)
      logAddresses(log, gateway.addresses, addresses)
    } catch (error) {
      logRefusal(failureOf(error, document), log, this.#output)
    }
  }
}
