import type { Logger } from 'pino'

/** What is told. */
export interface Alert {
  readonly code: string
  readonly problem: string
  readonly router: string | undefined
}

/** How long a message may take. */
const patienceMs = 5000

/** Alerts that wait until they are posted together. Requests never wait for it. */
export class Alerts {
  readonly #url: string
  readonly #everyMs: number
  readonly #atMost: number
  readonly #log: Logger
  #waiting: Alert[] = []
  /** How many there was no room for. */
  #more = 0
  #timer: NodeJS.Timeout | undefined = undefined
  /** One message after the other. */
  #posted: Promise<void> = Promise.resolve()

  constructor(url: string, everyMs: number, atMost: number, log: Logger) {
    this.#url = url
    this.#everyMs = everyMs
    this.#atMost = atMost
    this.#log = log
  }

  add(alert: Alert): void {
    if (this.#waiting.length < this.#atMost) this.#waiting.push(alert)
    else this.#more++
    // The gateway may end meanwhile; `flush` has the rest then.
    this.#timer ??= setTimeout(() => void this.flush(), this.#everyMs).unref()
  }

  /** Posts what waits; comes back when everything has been posted. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const alerts = this.#waiting
    const more = this.#more
    this.#waiting = []
    this.#more = 0
    if (alerts.length > 0) this.#posted = this.#posted.then(() => this.#post({ alerts, more }))
    return this.#posted
  }

  async #post(news: object): Promise<void> {
    try {
      const headers = { 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(patienceMs)
      const body = JSON.stringify(news)
      const response = await fetch(this.#url, { method: 'POST', headers, body, signal })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
    } catch (error) {
      this.#log.warn({ url: this.#url, err: error }, 'alerts could not be posted')
    }
  }
}
