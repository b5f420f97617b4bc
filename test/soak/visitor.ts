import { connect, type RawClient, type ResponseHead } from '@gatewright/testing'
import { ContentCheck } from './content.ts'
import { Conversation } from './conversation.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'

/** One kind of client. */
export interface Visit {
  readonly name: string
  /** How often it comes, compared with the others. */
  readonly weight: number
  /** Throws if something is not as it should be. */
  readonly run: (visitor: Visitor) => Promise<void>
}

/** A client during one visit. */
export class Visitor implements Disposable {
  readonly random: Random
  readonly #port: number
  readonly #name: string
  readonly #tally: Tally
  readonly #nextId: () => number
  readonly #clients: Disposable[] = []

  constructor(port: number, name: string, random: Random, tally: Tally, nextId: () => number) {
    this.random = random
    this.#port = port
    this.#name = name
    this.#tally = tally
    this.#nextId = nextId
  }

  /** For content that nobody else asks for. */
  id(): number {
    return this.#nextId()
  }

  count(outcome: number | string): void {
    this.#tally.count(this.#name, outcome)
  }

  /** A connection that ends with the visit. */
  async connect(): Promise<RawClient> {
    const client = await connect(this.#port)
    this.#clients.push(client)
    return client
  }

  /** A WebSocket that ends with the visit. */
  async talk(path: string): Promise<Conversation> {
    const conversation = new Conversation(`ws://127.0.0.1:${this.#port}${path}`)
    this.#clients.push(conversation)
    await conversation.opened
    this.count(101)
    return conversation
  }

  /** Reads a response that must be 200 with the content of the id, in answer to `target`. */
  async readContent(
    client: RawClient,
    target: string,
    id: number,
    size: number,
    between: () => Promise<void> = nothing,
  ): Promise<void> {
    const head = await client.readHead()
    this.count(head.status)
    if (head.status !== 200) await this.#complain(client, head, target)
    const place = head.rawHeaders.findIndex((text) => text.toLowerCase() === 'x-target')
    const received = head.rawHeaders[place + 1]
    if (received !== target) throw new Error(`response to "${received}", not "${target}"`)
    const check = new ContentCheck(id, size)
    let slowed: Promise<void> = Promise.resolve()
    await client.readBody(head, (bytes) => {
      check.take(bytes)
      slowed = slowed.then(between)
    })
    await slowed
    check.finish()
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client[Symbol.dispose]()
  }

  async #complain(client: RawClient, head: ResponseHead, target: string): Promise<never> {
    const pieces: Buffer[] = []
    await client.readBody(head, (bytes) => pieces.push(bytes))
    throw new Error(`status ${head.status} for "${target}": ${Buffer.concat(pieces).toString()}`)
  }
}

async function nothing(): Promise<void> {
  // Most readers are as fast as they can.
}
