import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Random } from '../random.ts'
import { checkFields, framingOf } from './fields.ts'
import { BodyCheck, fieldLines, messageBytes, sendSplit, stall } from './message.ts'
import { MessageReader, type MessageSink } from './message-reader.ts'
import { Side, textOf } from './pattern.ts'
import { type Plan, targetOf } from './plan.ts'
import type { Run } from './run.ts'

/** What a request may have beside the fields of its plan. */
const known = new Map([
  ['host', /^gateway\.test$/],
  ['content-length', /^\d+$/],
  ['transfer-encoding', /^chunked$/],
  ['te', /^trailers$/],
  ['connection', /^TE$/i],
  ['x-forwarded-for', /^127\.0\.0\.1$/],
  ['x-forwarded-proto', /^http$/],
  ['x-forwarded-host', /^gateway\.test$/],
  ['x-forwarded-port', /^\d+$/],
  ['x-real-ip', /^127\.0\.0\.1$/],
])

/** An upstream that does what the plans say. */
export class PatternUpstream implements AsyncDisposable {
  readonly sockets: Set<Socket> = new Set()
  readonly #server: Server

  constructor(run: Run) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      new UpstreamPeer(socket, run).serve()
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    // A TCP server that listens has an address object.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One connection of the gateway. */
class UpstreamPeer implements MessageSink {
  readonly #socket: Socket
  readonly #run: Run
  readonly #reader: MessageReader = new MessageReader(this)
  #plan: Plan | undefined = undefined
  #try = 0
  #random = new Random(0)
  #check: BodyCheck | undefined = undefined
  #answered = false
  /** A response is being sent. */
  #busy = false
  /** Wait for that, since requests may come ahead of responses. */
  readonly #next: (() => void)[] = []
  /** Nothing is read any more. */
  #over = false

  constructor(socket: Socket, run: Run) {
    this.#socket = socket
    this.#run = run
  }

  serve(): void {
    const socket = this.#socket
    const run = this.#run
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      if (this.#over) return
      run.bytes += bytes.length
      const where = `upstream, request ${this.#plan?.id}`
      if (!run.check(where, () => this.#reader.feed(bytes))) this.#break(true)
    })
  }

  onHead(startLine: string, fields: readonly string[]): number {
    const [, target, id] = /^[A-Z]+ (\/[a-z]+\/(\d+)) HTTP\/1\.1$/.exec(startLine) ?? []
    const plan = this.#run.plan(Number(id))
    if (target !== targetOf(plan) || !startLine.startsWith(`${plan.method} `)) {
      throw new Error(`request line ${startLine}`)
    }
    this.#plan = plan
    checkFields(fields, fieldLines(plan.request, Side.request, plan.id), known)
    this.#try = this.#run.nextTry(plan.id)
    this.#random = new Random(plan.salt + this.#try)
    this.#check = new BodyCheck(plan.request, Side.request, plan.id)
    this.#answered = false
    const breaks = plan.breakAt === 'request' && this.#try >= plan.failures && !this.#busy
    if (breaks && this.#random.chance(0.5)) this.#break(this.#random.chance(0.5))
    else if (plan.early) this.#answer(plan)
    return framingOf(fields, 0)
  }

  onData(bytes: Buffer, start: number, end: number): void {
    const check = this.#check
    const plan = this.#plan
    if (this.#over || check === undefined || plan === undefined) return
    const { stallAt } = plan.request
    const before = check.offset
    check.take(bytes, start, end)
    if (before > stallAt || stallAt >= check.offset) return
    const leave = this.#random.chance(0.1) ? () => this.#break(true) : undefined
    stall(this.#socket, plan.request, this.#random, leave)
  }

  onEnd(trailers: readonly string[]): void {
    const plan = this.#plan
    if (this.#over || plan === undefined) return
    this.#check?.end(trailers, false)
    if (plan.breakAt === 'request' && this.#try >= plan.failures && !this.#busy) {
      return this.#break(this.#random.chance(0.5))
    }
    this.#answer(plan)
  }

  #answer(plan: Plan): void {
    if (this.#answered) return
    this.#answered = true
    const tries = this.#try
    const random = this.#random
    if (this.#busy) this.#next.push(() => this.#send(plan, tries, random))
    else this.#send(plan, tries, random)
  }

  #send(plan: Plan, tries: number, random: Random): void {
    if (this.#socket.destroyed) return
    const failing = tries < plan.failures
    if (failing && plan.failsByReset) return this.#break(true)
    const whole = responseBytes(plan, tries, failing, random)
    const breaks = !failing && plan.breakAt === 'response'
    const bytes = breaks ? whole.subarray(0, random.below(whole.length)) : whole
    // Later it could not be told from the answer to the next request.
    const together = plan.stray && !breaks ? stray.length + 1 : 0
    this.#busy = true
    sendSplit(
      this.#socket,
      bytes,
      random,
      () => {
        this.#busy = false
        // An orderly end would be that of a body without a length.
        if (breaks) return this.#break(plan.response.framing === 'close' || random.chance(0.5))
        if (plan.closing !== 'keep' || plan.response.framing === 'close') return this.#finish()
        this.#next.shift()?.()
      },
      together,
    )
  }

  #break(byReset: boolean): void {
    this.#over = true
    if (byReset && !this.#socket.writableEnded) this.#socket.resetAndDestroy()
    else this.#finish()
  }

  #finish(): void {
    this.#over = true
    this.#socket.end()
    // Whoever goes on sending must see the end all the same.
    this.#socket.resume()
  }
}

/** Looks like the response to whatever is sent next. */
const stray = Buffer.from('HTTP/1.1 200 OK\r\nx-id: 0\r\ncontent-length: 0\r\n\r\n')

function responseBytes(plan: Plan, tries: number, failing: boolean, random: Random): Buffer {
  const side = Side.response + tries
  const bodiless = plan.method === 'HEAD'
  const extra = [`x-id: ${plan.id}`, `x-try: ${tries}`]
  const closes = plan.closing === 'announced' || plan.response.framing === 'close'
  if (closes) extra.push('connection: close')
  const line = `HTTP/1.1 ${failing ? '503 Later' : '200 OK'}`
  const message = messageBytes(line, extra, plan.response, side, plan.id, random, bodiless)
  const parts = [message]
  if (plan.interim) {
    const text = `x-i: ${textOf(Side.response, plan.id, 90, 100)}`
    parts.unshift(Buffer.from(`HTTP/1.1 103 Early Hints\r\nx-id: ${plan.id}\r\n${text}\r\n\r\n`))
  }
  if (plan.stray) parts.push(stray)
  return Buffer.concat(parts)
}
