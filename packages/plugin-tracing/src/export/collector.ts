import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** What became of a batch. */
export type Outcome =
  | { readonly kind: 'taken'; readonly rejected: number }
  /** It may be sent once more; after so long if the collector has said when. */
  | { readonly kind: 'later'; readonly afterMs: number | undefined; readonly problem: string }
  | { readonly kind: 'refused'; readonly problem: string }

/** As long as one answer may take, in milliseconds. */
const timeoutMs = 10_000
/** An answer says little. */
const maxAnswer = 65_536
/** The statuses after which it may be sent once more (OTLP specification, "OTLP/HTTP Response"). */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** A collector that takes OTLP over HTTP. One connection is enough. */
export class Collector implements Disposable {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #agent: HttpAgent | HttpsAgent
  readonly #running = new Set<ClientRequest>()

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.#url = url
    this.#headers = { ...headers, 'content-type': 'application/json', 'user-agent': 'gatewright' }
    const options = { keepAlive: true, maxSockets: 2 }
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** Never rejects. */
  send(body: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
    const bytes = Buffer.from(body)
    const request = send(this.#url, {
      method: 'POST',
      agent: this.#agent,
      headers: { ...this.#headers, 'content-length': bytes.length },
    })
    this.#running.add(request)
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs)
    timer.unref()
    request.on('response', (response) => {
      readAnswer(response, (text) => resolve(outcomeOf(response, text)))
    })
    request.on('error', (error) => {
      resolve({ kind: 'later', afterMs: undefined, problem: error.message })
    })
    request.on('close', () => {
      clearTimeout(timer)
      this.#running.delete(request)
    })
    request.end(bytes)
    return promise
  }

  /** What is being sent is given up. */
  [Symbol.dispose](): void {
    for (const request of this.#running) request.destroy(new Error('given up'))
    this.#agent.destroy()
  }
}

function readAnswer(response: IncomingMessage, done: (text: string) => void): void {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (piece: string) => {
    text += piece
    if (text.length > maxAnswer) response.destroy()
  })
  response.on('error', () => undefined)
  // Its status is known, whatever becomes of the rest.
  response.on('close', () => done(text))
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage, text: string): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken', rejected: rejectedIn(text) }
  const problem = `it answers ${statusCode}`
  if (!passing.has(statusCode)) return { kind: 'refused', problem }
  return { kind: 'later', afterMs: tryDelay(headers['retry-after'], Date.now()), problem }
}

/** How many spans a collector that took the others did not take. */
function rejectedIn(text: string): number {
  try {
    const answer: unknown = JSON.parse(text)
    const rejected = memberOf(memberOf(answer, 'partialSuccess'), 'rejectedSpans')
    return Number(rejected ?? 0) || 0
  } catch {
    // Nothing says that there were any.
    return 0
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Reflect.get(value, name)
}

/** `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), in milliseconds from now. */
function tryDelay(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
