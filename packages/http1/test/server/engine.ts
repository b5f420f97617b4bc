import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import {
  asGatewayError,
  type GatewayRequest,
  GatewayResponse,
  type GatewayResponseInit,
  HeaderList,
  problemResponse,
} from '@gatewright/kernel'
import { type ConnectOptions, connect, type RawClient } from '@gatewright/testing'
import {
  Deadlines,
  defaultLimits,
  HeadPool,
  type Http1Limits,
  ServerConnection,
  type ServerHost,
} from '../../src/index.ts'
import { io } from '../io.ts'

/** One request and how to answer it. */
export interface EngineExchange {
  readonly request: GatewayRequest
  readonly respond: (init: GatewayResponseInit, close?: boolean) => void
  readonly inform: (status: number, fields?: readonly string[]) => void
}

export type Answer = (exchange: EngineExchange) => void

/** Answers 200 with the target as the body. */
const echoTarget: Answer = ({ request, respond }) => respond({ status: 200, body: request.target })

/** Starts a server of engine connections that are answered by a function. */
export async function startEngine(
  answer: Answer = echoTarget,
  limits: Partial<Http1Limits> = {},
): Promise<Engine> {
  const server = createServer({ allowHalfOpen: true })
  const engine = new Engine(server, answer, { ...defaultLimits, ...limits })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return engine
}

/** Connections of the engine without a gateway. */
export class Engine implements AsyncDisposable {
  /**
   * What the engine told its host: `request GET /`, `fault CODE`, `unsendable CODE`, `broken CODE`,
   * `abort`, `done`, `close`.
   */
  readonly events: string[] = []
  readonly connections: ServerConnection[] = []
  readonly deadlines: Deadlines = new Deadlines({ exact: true })
  readonly heads: HeadPool = new HeadPool({ poison: true })
  readonly #server: Server
  readonly #answer: Answer
  readonly #limits: Http1Limits
  #waiting: (() => void)[] = []

  constructor(server: Server, answer: Answer, limits: Http1Limits) {
    this.#server = server
    this.#answer = answer
    this.#limits = limits
    server.on('connection', (socket) => {
      this.connections.push(new ServerConnection(io.wire(socket), this.#host()))
    })
  }

  get port(): number {
    // Bound to a TCP port, so it has an AddressInfo.
    return (this.#server.address() as AddressInfo).port
  }

  connect(options?: ConnectOptions): Promise<RawClient> {
    return connect(this.port, options)
  }

  /** Resolves once the event has been told so many times. */
  async told(event: string, times: number = 1): Promise<void> {
    while (this.count(event) < times) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  count(event: string): number {
    return this.events.filter((told) => told === event).length
  }

  /** Lets so much time pass, as far as deadlines are concerned. */
  pass(ms: number): void {
    this.deadlines.sweep(performance.now() + ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #host(): ServerHost {
    const failed = (what: string) => (_: ServerConnection, error: unknown) => {
      this.#tell(`${what} ${asGatewayError(error).code}`)
      return problemResponse(asGatewayError(error))
    }
    const told = (what: string) => () => this.#tell(what)
    return {
      limits: this.#limits,
      deadlines: this.deadlines,
      heads: this.heads,
      knowsUpgrade: (token) => token === 'chat',
      onRequest: (connection, request) => {
        this.#tell(`request ${request.method} ${request.target}`)
        this.#answer({
          request,
          respond: (init, close = false) => connection.respond(new GatewayResponse(init), close),
          inform: (status, fields = []) => connection.inform(status, new HeaderList([...fields])),
        })
      },
      onFault: failed('fault'),
      onUnsendable: failed('unsendable'),
      onBroken: failed('broken'),
      onAbort: told('abort'),
      onDone: told('done'),
      onClose: told('close'),
    }
  }

  #tell(event: string): void {
    this.events.push(event)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
