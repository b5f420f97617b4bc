import { after, type Until } from '../upstream/faults.ts'
import { chunked, Reply, reply } from '../upstream/reply.ts'
import { type Behaviour, startUpstream, type Upstream } from '../upstream/upstream.ts'
import type { UpstreamRequest } from '../upstream/upstream-request.ts'
import { type FieldsInit, withJsonType } from '../wire/fields.ts'
import type { FakeUpstream } from './fake-upstream.ts'

/** A response as a test writes it. */
export interface HttpAnswer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: FieldsInit
  readonly body?: string | Uint8Array
  /** In place of `body`; adds the content type. */
  readonly json?: unknown
  /** Makes the response a chunked one. */
  readonly trailers?: FieldsInit
  /** Waited for before the answer: milliseconds, or whatever a test decides by. */
  readonly delay?: Until
}

/** One answer: a status, a response, or a reply, which may misbehave (`hang()`, `resetAfter()`, …). */
export type HttpReply = number | HttpAnswer | Reply

/** Decides when the whole request is there. */
export type HttpHandler = (request: UpstreamRequest) => HttpReply | PromiseLike<HttpReply>

/** What a fake does: always the same, or one after the other, of which the last repeats. */
export type HttpBehaviour = HttpReply | HttpHandler | readonly (HttpReply | HttpHandler)[]

/** How a fake for HTTP/1.1 is set up. */
export interface HttpFakeOptions {
  /** See `startUpstream`. Default true. */
  readonly strict?: boolean
}

/** An HTTP/1.1 server. Its calls are the requests, exactly as they arrived. */
export class HttpFake implements FakeUpstream<UpstreamRequest> {
  readonly #options: HttpFakeOptions
  #behaviour: Behaviour
  #upstream: Upstream | undefined = undefined

  /** @internal */
  constructor(behaviour: HttpBehaviour, options: HttpFakeOptions) {
    this.#behaviour = behaviourOf(behaviour)
    this.#options = options
  }

  get url(): string {
    return this.#started().url
  }

  get port(): number {
    return this.#started().port
  }

  get calls(): readonly UpstreamRequest[] {
    return this.#upstream?.requests ?? []
  }

  /** How many connections are open now, and how many there have been. */
  get connections(): Upstream['connections'] {
    return this.#started().connections
  }

  /** Another behaviour, from the next request on. */
  behave(behaviour: HttpBehaviour): void {
    this.#behaviour = behaviourOf(behaviour)
    this.#upstream?.behave(this.#behaviour)
  }

  /** Their bodies are complete, or lost. */
  async waitForCalls(count: number): Promise<readonly UpstreamRequest[]> {
    return await this.#started().waitForRequests(count)
  }

  async start(): Promise<void> {
    this.#upstream ??= await startUpstream(this.#behaviour, this.#options)
  }

  /** Throws GW_TESTING_UPSTREAM if the gateway sent what it must not, unless `strict` is false. */
  async close(): Promise<void> {
    await this.#upstream?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #started(): Upstream {
    if (this.#upstream !== undefined) return this.#upstream
    throw new Error('the fake has not started; give it to createTestGateway, or await start()')
  }
}

function behaviourOf(behaviour: HttpBehaviour): Behaviour {
  if (isList(behaviour)) return behaviour.map(stepOf)
  return stepOf(behaviour)
}

function stepOf(step: HttpReply | HttpHandler): Reply | ((r: UpstreamRequest) => Promise<Reply>) {
  if (typeof step !== 'function') return replyOf(step)
  return async (request) => replyOf(await step(request))
}

function replyOf(answer: HttpReply): Reply {
  if (answer instanceof Reply) return answer
  if (typeof answer === 'number') return reply(answer)
  const { status = 200, headers = {}, body = '', json, trailers, delay } = answer
  const text = json === undefined ? body : JSON.stringify(json)
  const fields = json === undefined ? headers : withJsonType(headers)
  const whole =
    trailers === undefined ? reply(status, fields, text) : chunked(status, fields, [text], trailers)
  return delay === undefined ? whole : after(delay, whole)
}

function isList(behaviour: HttpBehaviour): behaviour is readonly (HttpReply | HttpHandler)[] {
  return Array.isArray(behaviour)
}
