import { randomBytes } from 'node:crypto'
import type { ReloadOutcome } from '@gatewright/kernel'
import type { Logger } from 'pino'
import { exitCodes } from '../exit-code.ts'
import type { Failure } from '../failure.ts'
import type { LogLevel } from '../log.ts'
import type { Description } from '../running/messages.ts'
import { Backoff } from './backoff.ts'
import { Inquiries } from './inquiries.ts'
import { type Ending, Member, type Outcome, type WorkerProcess } from './member.ts'
import { type Applied, lastRequestMs, type Order, type WorkerConfig } from './messages.ts'

/** What a fleet is made of. */
export interface FleetParts {
  readonly log: Logger
  readonly logLevel: LogLevel
  readonly json: boolean
  /** Starts a process that will say hello. */
  readonly spawn: () => WorkerProcess
  /** Reads the file again and gives it to all workers, since one of them was asked to. */
  readonly reload: () => Promise<ReloadOutcome>
}

/** What all workers are to run. */
export interface Orders {
  readonly config: WorkerConfig
  readonly workers: number
  /** After how long a silence a worker is taken for hung, in milliseconds. */
  readonly timeoutMs: number
  /** The number of the configuration; workers that take the place of others go on from there. */
  readonly version: number
}

/** The place of one worker; processes in it come and go. */
interface Slot {
  readonly worker: number
  readonly backoff: Backoff
  member: Member | undefined
  restart: NodeJS.Timeout | undefined
}

const sweepMs = 1000

/** The worker processes: as many as were ordered, replaced when they end or hang. */
export class Fleet {
  readonly #parts: FleetParts
  readonly #slots: Slot[] = []
  readonly #members = new Set<Member>()
  readonly #sweep: NodeJS.Timeout
  /** Those that come later must be able to check what earlier ones signed. */
  readonly #sharedSecret = randomBytes(32).toString('base64')
  readonly #inquiries = new Inquiries()
  readonly #startedAt = Date.now()
  #sweptAt = performance.now()
  #orders: Orders
  #stopping = false

  constructor(parts: FleetParts, orders: Orders) {
    this.#parts = parts
    this.#orders = orders
    this.#sweep = setInterval(() => this.#replaceHung(), sweepMs)
  }

  /** True once it drains or was killed. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** What the workers run, or will once they run again. */
  get orders(): Orders {
    return this.#orders
  }

  /**
   * Starts the first worker, and the others once it runs. If one of them cannot start, all of them
   * end and the reason comes back.
   */
  async start(): Promise<Outcome> {
    const started = await this.#begin(1)
    if (started.type === 'refused') return this.#giveUp(started)
    const others = Array.from({ length: this.#orders.workers - 1 }, (_, index) => index + 2)
    const outcomes = await Promise.all(others.map((worker) => this.#begin(worker)))
    const refused = outcomes.find(({ type }) => type === 'refused')
    return refused === undefined || this.#stopping ? started : this.#giveUp(refused)
  }

  /**
   * Gives all workers another configuration: the first one, and if it takes it, the others. What
   * the first one refuses changes nothing.
   */
  async reload(config: WorkerConfig): Promise<Outcome> {
    const first = this.#slots.find(({ member }) => member?.ready)
    const { version } = this.#orders
    if (first?.member === undefined) {
      return this.roll({ ...this.#orders, config, version: version + 1 })
    }
    const outcome = await first.member.reload(config)
    if (outcome.type === 'refused') {
      // What was tried with its sockets may get in the way of the next try.
      if (isAboutListening(outcome.failure)) await this.#replace(first, this.#orders)
      return outcome
    }
    this.#orders = { ...this.#orders, config, version: outcome.version }
    await Promise.all(this.#slots.map((slot) => this.#bringUpToDate(slot)))
    return outcome
  }

  /** What the workers run, as one of them says. Rejects if none can. */
  async describe(key?: string): Promise<Description> {
    return await this.#anyone().describe(key)
  }

  /** What one of the workers answers. Rejects if none does. */
  async ask(topic: string, question: unknown): Promise<unknown> {
    return await this.#inquiries.ask(topic, question, this.#anyone().process)
  }

  /**
   * Replaces the workers one after the other. The new one listens before the old one drains, and
   * all of them have the same sockets, so no connection is lost. If the first new one cannot start
   * nothing changes.
   */
  async roll(orders: Orders = this.#orders): Promise<Outcome> {
    let first: Applied | undefined
    for (let worker = 1; worker <= orders.workers; worker++) {
      const slot = this.#slots[worker - 1] ?? this.#addSlot()
      const outcome = await this.#replace(slot, orders)
      if (this.#stopping) return outcome
      if (outcome.type === 'applied') {
        first ??= outcome
        this.#orders = orders
      } else if (first === undefined) {
        await this.#dropUnused()
        return outcome
      } else {
        this.#logFailure(worker, outcome.failure)
        this.#scheduleIfEmpty(slot)
      }
    }
    await this.#dropUnused()
    // There is at least one worker, and the first one has started.
    return first as Applied
  }

  /** Lets all workers end what they do; comes back when the last one has ended. */
  async drain(): Promise<void> {
    this.#stop()
    await Promise.all([...this.#members].map((member) => member.drain(0)))
  }

  /** Tells all workers that run something. */
  tell(order: Order): void {
    for (const process of this.#ready()) process.send(order)
  }

  /** Sends all workers that run a signal. */
  signal(signal: NodeJS.Signals): void {
    for (const process of this.#ready()) process.signal(signal)
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stop()
    for (const { process } of this.#members) process.kill()
  }

  #anyone(): Member {
    const ready = this.#slots.find(({ member }) => member?.ready === true && !member.leaving)
    if (ready?.member === undefined) throw new Error('no worker runs at present')
    return ready.member
  }

  #stop(): void {
    this.#stopping = true
    clearInterval(this.#sweep)
    for (const { restart } of this.#slots) clearTimeout(restart)
  }

  async #giveUp(outcome: Outcome): Promise<Outcome> {
    this.kill()
    await Promise.all([...this.#members].map(({ ended }) => ended))
    return outcome
  }

  #addSlot(): Slot {
    const worker = this.#slots.length + 1
    const slot = { worker, backoff: new Backoff(), member: undefined, restart: undefined }
    this.#slots.push(slot)
    return slot
  }

  /** The first start of a worker: nothing is tried again if it fails. */
  async #begin(worker: number): Promise<Outcome> {
    const slot = this.#slots[worker - 1] ?? this.#addSlot()
    const member = this.#spawn(slot, this.#orders)
    const outcome = await member.started
    if (outcome.type === 'applied') this.#adopt(slot, member)
    return outcome
  }

  #spawn(slot: Slot, { config, workers, timeoutMs, version }: Orders): Member {
    const { worker } = slot
    const { log, logLevel, json, spawn } = this.#parts
    const order = {
      type: 'start',
      worker,
      workers,
      version,
      startedAt: this.#startedAt,
      sharedSecret: this.#sharedSecret,
      logLevel,
      json,
      beatMs: Math.min(timeoutMs / 4, sweepMs),
      config,
    } as const
    const process = spawn()
    const member = new Member(process, order, timeoutMs, performance.now())
    this.#members.add(member)
    process.onReport((report) => {
      member.pulse.beat(performance.now())
      if (report.type === 'leaving') this.#onLeaving(slot, member)
      else if (report.type === 'ask') this.#inquiries.begin(process, report, this.#ready())
      else if (report.type === 'answer') this.#inquiries.take(process, report)
      else if (report.type === 'bequest') this.#inquiries.inherit(process, report)
      else if (report.type === 'reload wanted') void this.#reloadFor(process)
    })
    void member.ended.then((ending) => this.#onEnd(slot, member, ending))
    log.debug({ worker, workerPid: process.pid }, 'worker starting')
    return member
  }

  async #reloadFor(process: WorkerProcess): Promise<void> {
    const outcome = await this.#parts.reload()
    process.send({ type: 'reloaded', outcome })
  }

  #ready(): WorkerProcess[] {
    return [...this.#members].filter(({ ready }) => ready).map(({ process }) => process)
  }

  /** Makes a member that has started the one that counts in its slot. */
  #adopt(slot: Slot, member: Member): Member | undefined {
    const previous = slot.member
    clearTimeout(slot.restart)
    slot.restart = undefined
    slot.member = member
    // It may have ended in the meantime.
    if (member.gone || member.leaving) this.#onLeaving(slot, member)
    return previous
  }

  /** Starts another process in a slot, and lets the present one go once that one listens. */
  async #replace(slot: Slot, orders: Orders): Promise<Outcome> {
    const member = this.#spawn(slot, orders)
    const outcome = await member.started
    if (outcome.type === 'applied' && !this.#stopping)
      await this.#adopt(slot, member)?.drain(lastRequestMs)
    return outcome
  }

  async #bringUpToDate(slot: Slot): Promise<void> {
    const { member } = slot
    if (member === undefined) return
    if ((await member.started).type === 'refused') return
    const { config } = this.#orders
    if (member.config === config || member.leaving || this.#stopping) return
    const outcome = await member.reload(config)
    if (outcome.type === 'applied' || member.gone) return
    this.#logFailure(slot.worker, outcome.failure)
    const replaced = await this.#replace(slot, this.#orders)
    if (replaced.type === 'refused') this.#logFailure(slot.worker, replaced.failure)
  }

  /** Lets the workers go that are more than were ordered. */
  async #dropUnused(): Promise<void> {
    const unused = this.#slots.splice(this.#orders.workers)
    for (const { restart } of unused) clearTimeout(restart)
    const members = unused.flatMap(({ member }) => member ?? [])
    await Promise.all(members.map((member) => member.drain(lastRequestMs)))
  }

  #replaceHung(): void {
    const now = performance.now()
    const lateMs = now - this.#sweptAt - sweepMs
    this.#sweptAt = now
    for (const { pulse, worker, process } of this.#members) {
      // Whoever did not run could not hear anything either.
      if (lateMs > sweepMs) pulse.excuse(lateMs)
      const silentMs = pulse.silence(now)
      if (silentMs === undefined) continue
      const fields = { worker, workerPid: process.pid, silentMs: Math.round(silentMs) }
      this.#parts.log.error(fields, 'worker hangs; killing it')
      process.kill()
    }
  }

  #onEnd(slot: Slot, member: Member, { code, signal, error }: Ending): void {
    this.#members.delete(member)
    this.#inquiries.forget(member.process)
    const expected = member.leaving || this.#stopping
    const fields = { worker: slot.worker, workerPid: member.process.pid, code, signal, err: error }
    if (expected) this.#parts.log.debug(fields, 'worker ended')
    else this.#parts.log.warn(fields, 'worker ended unexpectedly')
    if (slot.member === member) this.#onLeaving(slot, member)
  }

  /** Starts another one, unless it is to leave. */
  #onLeaving(slot: Slot, member: Member): void {
    member.leaving = true
    if (slot.member !== member) return
    slot.member = undefined
    this.#schedule(slot, performance.now() - member.startedAt)
  }

  #scheduleIfEmpty(slot: Slot): void {
    if (slot.member === undefined && slot.restart === undefined) this.#schedule(slot, 0)
  }

  #schedule(slot: Slot, ranMs: number): void {
    if (this.#stopping || !this.#slots.includes(slot)) return
    const inMs = slot.backoff.next(ranMs)
    this.#parts.log.info({ worker: slot.worker, inMs }, 'worker will be started again')
    clearTimeout(slot.restart)
    slot.restart = setTimeout(() => void this.#restart(slot), inMs)
  }

  async #restart(slot: Slot): Promise<void> {
    slot.restart = undefined
    const member = this.#spawn(slot, this.#orders)
    slot.member = member
    const outcome = await member.started
    if (member.dismissed || this.#stopping) return
    const { worker } = slot
    if (outcome.type === 'refused') return this.#logFailure(worker, outcome.failure)
    this.#parts.log.info({ worker, workerPid: member.process.pid }, 'worker runs again')
  }

  #logFailure(worker: number, { code, title, diagnostics }: Failure): void {
    const problems = diagnostics.map(({ message }) => message)
    this.#parts.log.error({ worker, code, problem: title, problems }, 'worker did not start')
  }
}

function isAboutListening({ exitCode }: Failure): boolean {
  return exitCode === exitCodes.listen
}
