import type { HclDocument } from '@gatewright/config-hcl'
import {
  asGatewayError,
  type Gateway,
  type ReloadOutcome,
  type ReloadReport,
} from '@gatewright/kernel'
import { logAddresses } from './addresses.ts'
import type { ConfigFile } from './config-file.ts'
import { type ConfigWatch, refuseEmpty } from './config-watch.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Output } from './output.ts'
import { logRefusal } from './refusal.ts'
import { logReload } from './reload-log.ts'
import { notRunning, refusedReload } from './reload-outcome.ts'

/** What a reload reads, and whom it tells. */
export interface ReloaderParts {
  readonly file: ConfigFile
  readonly watch: ConfigWatch
  readonly output: Output
}

/** Applies the file again when asked to. A reload that fails leaves everything as it is. */
export class Reloader {
  readonly #gateway: Gateway
  readonly #parts: ReloaderParts
  /** What runs; `undefined` for what holds without a file. */
  #active: HclDocument | undefined
  /** Those who wait for the next reading. */
  #wanted: PromiseWithResolvers<ReloadOutcome> | undefined = undefined
  #running = false

  constructor(gateway: Gateway, parts: ReloaderParts, active: HclDocument | undefined) {
    this.#gateway = gateway
    this.#parts = parts
    this.#active = active
  }

  /**
   * Reads the file now, or again after the present reading: one at a time, so that what was read
   * last is what runs. Never rejects.
   */
  request(): Promise<ReloadOutcome> {
    const { promise } = (this.#wanted ??= Promise.withResolvers())
    if (!this.#running) void this.#run()
    return promise
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#wanted !== undefined) {
      const { resolve } = this.#wanted
      this.#wanted = undefined
      resolve(await this.#reload())
    }
    this.#running = false
  }

  async #reload(): Promise<ReloadOutcome> {
    const { log, state } = this.#gateway
    const { file, watch } = this.#parts
    if (state !== 'running') return notRunning
    log.info({ config: file.path }, 'reloading the configuration')
    let document: HclDocument | undefined
    try {
      document = await file.read()
      if (watch.active) refuseEmpty(document)
      const report = await this.#apply(document)
      this.#active = document
      await watch.follow(document)
      return { applied: true, report }
    } catch (error) {
      // What is not even read, plugins would not hear of.
      if (document === undefined) this.#gateway.hooks.configRefusal.call(asGatewayError(error))
      const failure = this.#refuse(error, document)
      if (document?.text !== this.#active?.text) await this.#applyRest()
      return refusedReload(failure)
    }
  }

  async #apply(document: HclDocument, quiet = false): Promise<ReloadReport> {
    const gateway = this.#gateway
    const { log, addresses } = gateway
    const began = performance.now()
    const report = await gateway.reload(document, { quiet: true })
    const tookMs = Math.round(performance.now() - began)
    if (!quiet || !report.unchanged) logReload(report, tookMs, log, this.#parts.output)
    logAddresses(log, gateway.addresses, addresses)
    return { ...report, durationMs: tookMs }
  }

  /** What else is new need not wait until the main file is right. */
  async #applyRest(): Promise<void> {
    const document = this.#active
    if (document === undefined || !this.#parts.watch.active) return
    try {
      await this.#apply(document, true)
    } catch (error) {
      this.#refuse(error, document)
    }
  }

  #refuse(error: unknown, document: HclDocument | undefined): Failure {
    const failure = failureOf(error, document)
    logRefusal(failure, this.#gateway.log, this.#parts.output)
    return failure
  }
}
