/**
 * Applies what providers have to say while the gateway runs.
 *
 * @module
 */
import type { Logger } from 'pino'
import { asGatewayError, errors } from './errors.ts'
import { type ConfigInput, isDocument } from './merged-config.ts'
import type { News } from './running-providers.ts'
import type { SerialQueue } from './serial-queue.ts'

/** What applying news needs of the gateway. */
export interface NewsHost {
  readonly log: Logger
  readonly queue: SerialQueue
  readonly running: boolean
  /** What the gateway was started with, or reloaded with last. */
  readonly config: ConfigInput
  apply(config: ConfigInput): Promise<unknown>
}

/** Takes the news of one gateway, one piece after the other. */
export class NewsDesk {
  readonly #host: NewsHost

  constructor(host: NewsHost) {
    this.#host = host
  }

  /** What makes no configuration stays out. Never rejects. */
  async take({ rereads }: News): Promise<void> {
    const host = this.#host
    if (!host.running) return
    // In its turn, on what runs by then: a reload that waits must not be replaced by news.
    const applied = host.queue.run(async () => {
      if (!host.running) return
      const config = rereads ? await this.#reread(host.config) : host.config
      try {
        await host.apply(config)
      } catch (error) {
        if (config === host.config) throw error
        this.#refuse(error)
        // What else is new need not wait for that.
        await host.apply(host.config)
      }
    })
    await applied.catch((error: unknown) => this.#refuse(error))
  }

  /** As its source has it now; the same as before if that is of no use. */
  async #reread(config: ConfigInput): Promise<ConfigInput> {
    if (!isDocument(config) || config.reread === undefined) return config
    try {
      const next = await config.reread()
      if (Object.keys(next.config).length > 0) return next
      // Half written, or emptied by mistake: every listener would close.
      throw errors.GW_CONFIG_EMPTY({ file: config.file ?? 'the configuration' })
    } catch (error) {
      this.#refuse(error)
      return config
    }
  }

  #refuse(error: unknown): void {
    const { code, message, problems } = asGatewayError(error)
    this.#host.log.error({ code, problem: message, problems }, 'news of a provider were refused')
  }
}
