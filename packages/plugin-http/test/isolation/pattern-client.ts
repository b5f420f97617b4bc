import { connect, type Socket } from 'node:net'
import type { Random } from '../random.ts'
import { checkFields, fieldOf, framingOf } from './fields.ts'
import { BodyCheck, fieldLines, messageBytes, sameLines, sendSplit, stall } from './message.ts'
import { MessageReader, type MessageSink, untilClose } from './message-reader.ts'
import { Side, textOf } from './pattern.ts'
import { type Plan, targetOf } from './plan.ts'
import type { Run } from './run.ts'

/** What a response may have beside the fields of its plan. */
const known = new Map([
  ['x-id', /^\d+$/],
  ['x-try', /^\d$/],
  ['content-length', /^\d+$/],
  ['transfer-encoding', /^chunked$/],
  ['connection', /^close$/],
])
const requestFields = ['host: gateway.test', 'te: trailers', 'connection: te']

/** One connection to the gateway, with a number of exchanges on it, some of them pipelined. */
export class PatternClient implements MessageSink {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #run: Run
  readonly #random: Random
  readonly #reader: MessageReader = new MessageReader(this)
  /** Sent, not answered yet; the first one is answered now. */
  readonly #waiting: Plan[] = []
  #turns: number
  #sent = false
  /** Breaks off after so many bytes of responses. */
  #breakAfter: number
  #received = 0
  #interim = false
  #check: BodyCheck | undefined = undefined
  /** What the gateway itself says. */
  #problem: string | undefined = undefined
  #last = false

  constructor(port: number, run: Run, random: Random) {
    this.#run = run
    this.#random = random
    this.#turns = 1 + random.below(6)
    this.#breakAfter = random.chance(0.08) ? random.below(20_000) : Number.POSITIVE_INFINITY
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(this.#onClose())))
    socket.on('connect', () => this.#sendBatch())
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => this.#onBytes(bytes))
  }

  onHead(startLine: string, fields: readonly string[]): number {
    const plan = this.#waiting[0]
    if (plan === undefined) throw new Error(`a response to nothing: ${startLine}`)
    const [, status = ''] = /^HTTP\/1\.1 (\d{3}) [A-Z]/.exec(startLine) ?? []
    this.#interim = status === '103'
    const id = fieldOf(fields, 'x-id')
    if (id !== undefined && id !== `${plan.id}`) throw new Error(`response ${id} for ${plan.id}`)
    if (this.#interim) return this.#checkInterim(plan, fields)
    this.#last = fieldOf(fields, 'connection') === 'close'
    if (id === undefined) return this.#beginProblem(plan, status, fields)
    const tries = Number(fieldOf(fields, 'x-try'))
    const side = Side.response + tries
    if (status !== (tries < plan.failures ? '503' : '200')) throw new Error(startLine)
    checkFields(fields, fieldLines(plan.response, side, plan.id), known)
    this.#check = new BodyCheck(plan.response, side, plan.id)
    return plan.method === 'HEAD' ? this.#skipBody() : framingOf(fields, untilClose)
  }

  onData(bytes: Buffer, start: number, end: number): void {
    if (this.#problem !== undefined) {
      this.#problem += bytes.toString('latin1', start, end)
      return
    }
    const check = this.#check
    const plan = this.#waiting[0]
    if (check === undefined || plan === undefined) throw new Error('data of nothing')
    const { stallAt } = plan.response
    const before = check.offset
    check.take(bytes, start, end)
    if (before > stallAt || stallAt >= check.offset) return
    const leave = this.#random.chance(0.1) ? () => this.#breakOff() : undefined
    stall(this.#socket, plan.response, this.#random, leave)
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#interim) return
    const run = this.#run
    const plan = this.#waiting.shift()
    if (this.#problem === undefined) {
      this.#check?.end(trailers, false)
      run.whole++
    } else {
      if (this.#problem !== '') JSON.parse(this.#problem)
      run.refused++
    }
    this.#problem = undefined
    this.#check = undefined
    if (plan !== undefined) run.forget(plan.id)
    if (this.#last && this.#waiting.length > 0) return
    if (this.#sent && this.#waiting.length === 0) this.#sendBatch()
  }

  #onBytes(bytes: Buffer): void {
    const run = this.#run
    run.bytes += bytes.length
    this.#received += bytes.length
    const where = `client, response ${this.#waiting[0]?.id}`
    if (!run.check(where, () => this.#reader.feed(bytes))) this.#socket.destroy()
    else if (this.#received >= this.#breakAfter) this.#breakOff()
  }

  #onClose(): void {
    const run = this.#run
    run.check(`client, response ${this.#waiting[0]?.id}`, () => this.#reader.finish())
    run.broken += this.#waiting.length
    for (const { id } of this.#waiting) run.forget(id)
  }

  #sendBatch(): void {
    const run = this.#run
    const random = this.#random
    if (this.#last || this.#turns-- === 0 || run.left <= 0) return void this.#socket.end()
    const size = Math.min(run.left, random.chance(0.6) ? 1 : 1 + random.below(4))
    const plans = Array.from({ length: size }, () => run.begin())
    this.#waiting.push(...plans)
    const bytes = Buffer.concat(plans.map((plan) => requestBytes(plan, random)))
    const breaks = random.chance(0.04)
    this.#sent = false
    const sent = breaks ? bytes.subarray(0, random.below(bytes.length)) : bytes
    sendSplit(this.#socket, sent, random, () => {
      if (breaks) return this.#breakOff()
      this.#sent = true
      if (this.#waiting.length === 0) this.#sendBatch()
    })
  }

  #breakOff(): void {
    // Node forgets the 'close' of a socket that is reset while it ends.
    if (this.#random.chance(0.5) && !this.#socket.writableEnded) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  #skipBody(): number {
    const plan = this.#waiting[0]
    // Nothing but the head is to be compared.
    this.#check = plan === undefined ? undefined : new BodyCheck(bodiless(plan), 0, plan.id)
    return 0
  }

  #checkInterim(plan: Plan, fields: readonly string[]): number {
    const text = `x-i: ${textOf(Side.response, plan.id, 90, 100)}`
    sameLines(fields, [`x-id: ${plan.id}`, text])
    return 0
  }

  /** A response that the gateway made. */
  #beginProblem(plan: Plan, status: string, fields: readonly string[]): number {
    const type = fieldOf(fields, 'content-type')
    if (!/^50[234]$/.test(status) || type !== 'application/problem+json') {
      throw new Error(`status ${status}: ${fields.join()}`)
    }
    this.#problem = ''
    return plan.method === 'HEAD' ? 0 : framingOf(fields, untilClose)
  }
}

function bodiless({ response }: Plan): Plan['response'] {
  return { ...response, size: 0, trailers: [] }
}

function requestBytes(plan: Plan, random: Random): Buffer {
  const line = `${plan.method} ${targetOf(plan)} HTTP/1.1`
  return messageBytes(line, requestFields, plan.request, Side.request, plan.id, random, false)
}
