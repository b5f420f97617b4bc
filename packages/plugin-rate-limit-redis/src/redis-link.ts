import { problemOf, type Scope } from '@gatewright/kernel'
import type { Verdict } from '@gatewright/plugin-rate-limit'
import { scripts } from './scripts.ts'

/** Which script decides. */
export type Algorithm = keyof typeof scripts

/** What a script returns; see `scripts.ts`. */
export type Reply = readonly [allowed: number, left: number, resetUs: number, retryUs: number]

type Client = Awaited<ReturnType<typeof createClient>>

const connectTimeoutMs = 2000
/** Longest time for connecting and saying hello together. */
const handshakeTimeoutMs = 5000
/** A connection on which nothing comes back for so long is given up. */
const stallTimeoutMs = 1000
const firstPauseMs = 50
const longestPauseMs = 2000

/**
 * The connection to one Redis, made again whenever it is lost. While it is not there, or gives no
 * answer in time, decisions fail at once: nothing is queued.
 */
export class RedisLink implements Disposable {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #log: Scope['log']
  #client: Client | undefined = undefined
  #wanted = false
  /** Set while replies are overdue; then nothing more is sent. */
  #stall: NodeJS.Timeout | undefined = undefined
  #retry: NodeJS.Timeout | undefined = undefined
  #pauseMs = firstPauseMs
  /** True from the first failure until the next decision, so that each outage is told once. */
  #failing = false

  constructor(url: string, timeoutMs: number, log: Scope['log']) {
    this.#url = url
    this.#timeoutMs = timeoutMs
    this.#log = log
  }

  /** Begins to connect, unless that has been done. */
  connect(): void {
    if (this.#wanted) return
    this.#wanted = true
    void this.#open()
  }

  /** A decision; `undefined` if there is no use in asking. Rejects if there is no answer. */
  decide(algorithm: Algorithm, key: string, args: string[]): Promise<Reply> | undefined {
    const client = this.#client
    if (client?.isReady !== true || this.#stall !== undefined) return undefined
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new Error(`no answer within ${this.#timeoutMs} ms`)
        this.#beginStall(client)
        this.#fail(error)
        reject(error)
      }, this.#timeoutMs)
      client[algorithm](key, args).then(
        (reply) => {
          clearTimeout(timer)
          this.#succeed(client)
          resolve(reply)
        },
        (error: unknown) => {
          clearTimeout(timer)
          this.#fail(error)
          reject(asError(error))
        },
      )
    })
  }

  [Symbol.dispose](): void {
    this.#wanted = false
    clearTimeout(this.#retry)
    const client = this.#client
    if (client !== undefined) this.#leave(client)
  }

  /** Never rejects: nobody waits for it, so that would end the process. */
  async #open(): Promise<void> {
    try {
      const client = await createClient(this.#url)
      // Disposed of in the meantime.
      if (this.#wanted) await this.#use(client)
    } catch (error) {
      this.#fail(error)
      this.#openLater()
    }
  }

  async #use(client: Client): Promise<void> {
    this.#client = client
    let problem: unknown
    client.on('error', (error: unknown) => {
      problem = error
    })
    // If it was never there, `connect` rejects at once after this event, with the reason.
    client.on('terminated', () => {
      setImmediate(() => this.#lose(client, problem ?? new Error('the connection was closed')))
    })
    const watchdog = setTimeout(
      () => this.#lose(client, new Error('not ready in time')),
      handshakeTimeoutMs,
    )
    try {
      await client.connect()
      this.#pauseMs = firstPauseMs
    } catch (error) {
      this.#lose(client, error)
    } finally {
      clearTimeout(watchdog)
    }
  }

  #lose(client: Client, problem: unknown): void {
    if (this.#client !== client) return
    this.#leave(client)
    this.#fail(problem)
    this.#openLater()
  }

  #openLater(): void {
    if (!this.#wanted) return
    // Gateways that lost the same Redis do not come back all at once.
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
    this.#retry = setTimeout(() => void this.#open(), pauseMs)
  }

  #leave(client: Client): void {
    this.#client = undefined
    this.#endStall()
    try {
      if (client.isOpen) client.destroy()
    } catch (error) {
      // It is given up anyway, and timers call this.
      this.#fail(error)
    }
  }

  #beginStall(client: Client): void {
    if (this.#client !== client || this.#stall !== undefined) return
    this.#stall = setTimeout(
      () => this.#lose(client, new Error('no answer for too long')),
      stallTimeoutMs,
    )
  }

  #endStall(): void {
    clearTimeout(this.#stall)
    this.#stall = undefined
  }

  #succeed(client: Client): void {
    if (this.#client === client) this.#endStall()
    if (!this.#failing) return
    this.#failing = false
    this.#log.info('rate limit is counted in Redis again')
  }

  #fail(error: unknown): void {
    if (this.#failing || !this.#wanted) return
    this.#failing = true
    this.#log.warn({ problem: problemOf(error) }, 'rate limit cannot be counted in Redis')
  }
}

/** What a reply means, for a limit of so many at once. */
export function verdictOf([allowed, remaining, resetUs, retryUs]: Reply, limit: number): Verdict {
  const [resetMs, retryMs] = [resetUs / 1000, retryUs / 1000]
  return { allowed: allowed === 1, limit, remaining, resetMs, retryMs }
}

/** Loads the library, which takes a while, when the first connection is made. */
async function createClient(url: string) {
  const redis = await import('@redis/client')
  const script = (text: string) =>
    redis.defineScript({
      SCRIPT: text,
      NUMBER_OF_KEYS: 1,
      parseCommand(
        parser: { pushKey(key: string): void; push(...args: string[]): void },
        key: string,
        args: string[],
      ) {
        parser.pushKey(key)
        parser.push(...args)
      },
      transformReply: (reply: Reply): Reply => reply,
    })
  return redis.createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: false },
    scripts: {
      'token-bucket': script(scripts['token-bucket']),
      'sliding-window': script(scripts['sliding-window']),
    },
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(problemOf(error))
}
