import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { problemOf } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { CallLog } from '../fakes/call-log.ts'
import { Reply, reply } from './reply.ts'
import { UpstreamConnection } from './upstream-connection.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** Chooses the reply when the whole request is there. */
export type Chooser = (request: UpstreamRequest) => Reply | PromiseLike<Reply>

/** What an upstream does: always the same, or one after the other, of which the last repeats. */
export type Behaviour = Reply | Chooser | readonly (Reply | Chooser)[]

/** How an upstream is set up. */
export interface UpstreamOptions {
  /**
   * False keeps quiet about what is wrong with the requests, for clients that break the protocol on
   * purpose. Default true: disposing of the upstream throws GW_TESTING_UPSTREAM.
   */
  readonly strict?: boolean
}

/**
 * An HTTP/1.1 server on 127.0.0.1, written by hand and independent of the gateway's own engine: it
 * records what arrives, refuses what a gateway must not send, and misbehaves when told to.
 * Default: 200 without a body.
 */
export async function startUpstream(
  behaviour: Behaviour = reply(),
  options: UpstreamOptions = {},
): Promise<Upstream> {
  const server = createServer()
  const upstream = new Upstream(server, behaviour, options.strict ?? true)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return upstream
}

/** A running upstream server. */
export class Upstream implements AsyncDisposable {
  /** What the clients did wrong (GW_TESTING_WIRE), and what replies threw. */
  readonly problems: unknown[] = []
  readonly #server: Server
  readonly #strict: boolean
  readonly #open = new Set<UpstreamConnection>()
  readonly #log = new CallLog<UpstreamRequest>()
  #behaviour: Behaviour
  #step = 0
  #total = 0
  #taken = 0

  /** @internal */
  constructor(server: Server, behaviour: Behaviour, strict: boolean) {
    this.#server = server
    this.#behaviour = behaviour
    this.#strict = strict
    server.on('connection', (socket) => this.#accept(socket))
  }

  /** Every request whose head has arrived, in that order. */
  get requests(): UpstreamRequest[] {
    return this.#log.calls
  }

  get port(): number {
    // Bound to a TCP port, so it has an AddressInfo.
    return (this.#server.address() as AddressInfo).port
  }

  /** Without a path: `http://127.0.0.1:40123`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** How many connections are open now, and how many there have been. */
  get connections(): { readonly open: number; readonly total: number } {
    return { open: this.#open.size, total: this.#total }
  }

  /** Another behaviour, from the next request on. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour
    this.#step = 0
  }

  /** The next request that was not asked for yet, as soon as its head is there. */
  async nextHead(): Promise<UpstreamRequest> {
    const index = this.#taken++
    return await this.#log.at(index)
  }

  /** The same, once the body is complete or lost. */
  async nextRequest(): Promise<UpstreamRequest> {
    const request = await this.nextHead()
    await request.completed
    return request
  }

  /**
   * The first so many requests, each complete or lost, as soon as they are there.
   * Throws GW_TESTING_WAITED after 5 s.
   */
  async waitForRequests(count: number): Promise<readonly UpstreamRequest[]> {
    const requests = await this.#log.waitFor(count)
    await Promise.all(requests.map(({ completed }) => completed))
    return requests
  }

  /** Closes every connection and stops listening. Throws GW_TESTING_UPSTREAM if strict. */
  async close(): Promise<void> {
    for (const connection of this.#open) connection.destroy()
    if (this.#server.listening) {
      this.#server.close()
      await once(this.#server, 'close')
    }
    if (!this.#strict || this.problems.length === 0) return
    const problems = this.problems.splice(0)
    throw errors.GW_TESTING_UPSTREAM({ problems: problems.map(problemOf) }, { cause: problems[0] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #accept(socket: Socket): void {
    const id = ++this.#total
    const connection = new UpstreamConnection(id, socket, {
      receive: (request, readBody) => this.#receive(request, readBody),
      report: (error) => this.problems.push(error),
    })
    this.#open.add(connection)
    socket.on('close', () => this.#open.delete(connection))
    void connection.serve()
  }

  async #receive(request: UpstreamRequest, readBody: () => Promise<void>): Promise<Reply> {
    const chosen = this.#next()
    this.#log.add(request)
    if (chosen instanceof Reply) return chosen
    await readBody()
    return chosen(request)
  }

  #next(): Reply | Chooser {
    const behaviour = this.#behaviour
    if (!isScript(behaviour)) return behaviour
    const step = behaviour[Math.min(this.#step++, behaviour.length - 1)]
    if (step === undefined) throw new Error('an upstream script without steps')
    return step
  }
}

function isScript(behaviour: Behaviour): behaviour is readonly (Reply | Chooser)[] {
  return Array.isArray(behaviour)
}
