import type { HclDocument } from '@gatewright/config-hcl'
import {
  blockTextsOf,
  compareBlocks,
  problemOf,
  type ReloadOutcome,
  type ReloadReport,
} from '@gatewright/kernel'
import type { Logger } from 'pino'
import { type Addresses, logAddresses, logFirstAddresses } from '../addresses.ts'
import { refuseEmpty } from '../config-watch.ts'
import { differencesOf } from '../diff/differences.ts'
import type { ExitCode } from '../exit-code.ts'
import { type Failure, failureOf, reportFailure } from '../failure.ts'
import { logRefusal } from '../refusal.ts'
import { logReload } from '../reload-log.ts'
import { notRunning, refusedReload } from '../reload-outcome.ts'
import { type Answerer, openSocket } from '../running/gateway-socket.ts'
import type { Description, Running } from '../running/messages.ts'
import { peerTopic } from '../running/topic-answers.ts'
import type { TopicReply } from '../running/topics.ts'
import type { Run } from '../start-command.ts'
import { spawnWorker } from './cluster-process.ts'
import { Fleet, type Orders } from './fleet.ts'
import type { Outcome } from './member.ts'
import type { Applied } from './messages.ts'
import { defaultTimeoutMs, readWorkerCount, readWorkerTimeout } from './settings.ts'
import { SettledAddresses } from './settled-addresses.ts'

/** Runs the gateways of a configuration in worker processes until a signal ends them. */
export async function supervise(run: Run, document: HclDocument): Promise<ExitCode> {
  const { options, output, log, lifetime } = run
  const settled = new SettledAddresses(options.listen)
  const began = performance.now()
  let orders: Orders
  try {
    orders = await ordersOf(document, settled)
  } catch (error) {
    return reportFailure(failureOf(error, document), output)
  }
  const { logLevel, json } = options
  let supervisor: Supervisor | undefined = undefined
  const reload = async (): Promise<ReloadOutcome> =>
    (await supervisor?.request('reload')) ?? notRunning
  const fleet = new Fleet({ log, logLevel, json, spawn: spawnWorker, reload }, orders)
  const kill = (): void => fleet.kill()
  // Whatever ends this process ends the workers too, unless it had no time to.
  process.once('exit', kill)

  const started = await fleet.start()
  if (started.type === 'refused') return reportFailure(started.failure, output)

  const made = new Supervisor({ run, fleet, settled }, document, addressesOf(started))
  supervisor = made
  const { version, hash, routers, services } = started
  const tookMs = Math.round(performance.now() - began)
  log.info({ version, hash, routers, services, tookMs }, 'configuration loaded')
  logFirstAddresses(log, addressesOf(started))
  const { workers } = orders
  const socket = await openSocket(run.file, log, made)
  log.info({ workers, sinceStartMs: Math.round(performance.now()) }, 'ready')
  lifetime.begin({
    reload: () => void made.request('reload'),
    roll: () => void made.request('roll'),
    reopen: () => fleet.signal('SIGUSR1'),
  })

  const exitCode = await lifetime.ended
  await socket.close()
  await fleet.drain()
  process.off('exit', kill)
  log.info('stopped')
  return exitCode
}

interface SupervisorParts {
  readonly run: Run
  readonly fleet: Fleet
  readonly settled: SettledAddresses
}

/** What can be asked for. */
type Request = 'reload' | 'roll'

/** Does what signals ask for, one thing at a time. */
class Supervisor implements Answerer {
  readonly #run: Run
  readonly #log: Logger
  readonly #fleet: Fleet
  readonly #settled: SettledAddresses
  readonly #wanted = new Map<Request, PromiseWithResolvers<ReloadOutcome | undefined>>()
  /** What the workers run. */
  #document: HclDocument
  #addresses: Addresses
  #busy = false

  constructor(
    { run, fleet, settled }: SupervisorParts,
    document: HclDocument,
    addresses: Addresses,
  ) {
    this.#document = document
    this.#run = run
    this.#log = run.log
    this.#fleet = fleet
    this.#settled = settled
    this.#addresses = addresses
  }

  /**
   * What is asked for again before its turn is done once. Comes back with what became of a reload;
   * never rejects.
   */
  request(what: Request): Promise<ReloadOutcome | undefined> {
    const wanted = this.#wanted.get(what) ?? Promise.withResolvers()
    this.#wanted.set(what, wanted)
    if (!this.#busy) void this.#work()
    return wanted.promise
  }

  async describe(): Promise<Running> {
    const { workers, config, version } = this.#fleet.orders
    const addresses = this.#settled.all(config.addresses)
    const description = await this.#fleet.describe()
    return { ...description, version, workers, addresses }
  }

  async about(asked: unknown): Promise<TopicReply> {
    try {
      // Workers have this topic, and answer what it says.
      return (await this.#fleet.ask(peerTopic, asked)) as TopicReply
    } catch (error) {
      return { unanswered: { code: 'GW_CLI_NO_ANSWER', message: problemOf(error) } }
    }
  }

  async #work(): Promise<void> {
    this.#busy = true
    for (const [what, { resolve }] of this.#wanted) {
      this.#wanted.delete(what)
      resolve(what === 'reload' ? await this.#reload() : await this.#roll())
    }
    this.#busy = false
  }

  /** Never rejects. */
  async #roll(): Promise<undefined> {
    const began = performance.now()
    this.#log.info('rolling the workers')
    const outcome = await this.#fleet.roll()
    if (this.#fleet.stopping) return
    if (outcome.type === 'applied') {
      this.#log.info({ tookMs: since(began) }, 'workers rolled')
      return
    }
    const { code, title: problem, diagnostics } = outcome.failure
    if (diagnostics.length > 0) this.#refuse(outcome.failure)
    this.#log.error({ code, problem }, 'roll refused; the running workers stay')
  }

  /** Never rejects. */
  async #reload(): Promise<ReloadOutcome> {
    const { file, watch } = this.#run
    this.#log.info({ config: file.path }, 'reloading the configuration')
    let document: HclDocument | undefined
    try {
      document = await file.read()
      if (watch.active) refuseEmpty(document)
      const outcome = await this.#applied(document)
      if (outcome.applied) await watch.follow(document)
      else if (document.text !== this.#document.text) await this.#applyRest()
      return outcome
    } catch (error) {
      const failure = failureOf(error, document)
      this.#refuse(failure)
      // Those who tell how the gateway does would not hear of it.
      if (document === undefined) this.#fleet.tell({ type: 'unread', failure })
      if (document?.text !== this.#document.text) await this.#applyRest()
      return refusedReload(failure)
    }
  }

  /** What else is new need not wait until the main file is right. Never rejects. */
  async #applyRest(): Promise<void> {
    if (!this.#run.watch.active || this.#fleet.stopping) return
    try {
      await this.#applied(this.#document, true)
    } catch (error) {
      this.#refuse(failureOf(error, this.#document))
    }
  }

  /** Comes back with whether the workers run it. */
  async #applied(document: HclDocument, quiet = false): Promise<ReloadOutcome> {
    const began = performance.now()
    const orders = await ordersOf(document, this.#settled, this.#fleet.orders)
    const outcome = await this.#apply(orders)
    if (this.#fleet.stopping) return notRunning
    if (outcome.type === 'refused') {
      this.#refuse(outcome.failure)
      return refusedReload(outcome.failure)
    }
    this.#document = document
    if (!quiet || outcome.report?.unchanged !== true) this.#accept(outcome, began)
    return { applied: true, report: this.#reportOf(outcome, since(began)) }
  }

  async #apply(orders: Orders): Promise<Outcome> {
    const { workers, timeoutMs } = this.#fleet.orders
    // Each worker was told how many there are.
    if (orders.workers !== workers || orders.timeoutMs !== timeoutMs) {
      return await this.#rollTo(orders)
    }
    const outcome = await this.#fleet.reload(orders.config)
    if (outcome.type === 'applied' || !needsRoll(outcome.failure)) return outcome
    this.#log.info('a plugin changed, which takes new workers; rolling them')
    return await this.#rollTo(orders)
  }

  /** New workers do not know what ran before them, so the report is made here. */
  async #rollTo(orders: Orders): Promise<Outcome> {
    const before = await this.#describe()
    const version = this.#fleet.orders.version + 1
    const outcome = await this.#fleet.roll({ ...orders, version })
    if (outcome.type === 'refused' || before === undefined) return outcome
    const after = await this.#describe(before.key)
    if (after === undefined) return outcome
    const { hash, tookMs } = outcome
    const { changed, unchanged } = differencesOf(before.outline, after.outline, before.key)
    // All requests under way were bounded, since their workers are gone.
    const rest = { drained: [], warnings: [], durationMs: tookMs }
    return { ...outcome, report: { version, hash, unchanged, changed, ...rest } }
  }

  /** `undefined` if no worker can say. */
  async #describe(key?: string): Promise<Description | undefined> {
    return await this.#fleet.describe(key).catch(() => undefined)
  }

  #accept(outcome: Applied, began: number): void {
    const { report, hash } = outcome
    const { workers, version } = this.#fleet.orders
    const tookMs = since(began)
    if (report === undefined) {
      this.#log.info({ version, hash, workers, tookMs }, 'configuration reloaded')
    } else {
      const log = this.#log.child({ workers })
      logReload({ ...report, version }, tookMs, log, this.#run.output)
    }
    const addresses = addressesOf(outcome)
    logAddresses(this.#log, addresses, this.#addresses)
    this.#addresses = addresses
  }

  #reportOf({ report, hash }: Applied, durationMs: number): ReloadReport {
    return { ...(report ?? unknownReport), hash, version: this.#fleet.orders.version, durationMs }
  }

  #refuse(failure: Failure): void {
    logRefusal(failure, this.#log, this.#run.output)
  }
}

/** For workers that could not say what ran before them. */
const unknownReport: Omit<ReloadReport, 'version' | 'hash' | 'durationMs'> = {
  unchanged: false,
  changed: compareBlocks(blockTextsOf({}, new Set()), blockTextsOf({}, new Set())),
  drained: [],
  warnings: ['the workers were replaced; what changed is not known'],
}

async function ordersOf(
  { text, file, config }: HclDocument,
  settled: SettledAddresses,
  present?: Orders,
): Promise<Orders> {
  return {
    version: present?.version ?? 1,
    config: { file, text, addresses: await settled.settle(config) },
    // A worker refuses what is none, with its place.
    workers: readWorkerCount(config) ?? present?.workers ?? 1,
    timeoutMs: readWorkerTimeout(config) ?? present?.timeoutMs ?? defaultTimeoutMs,
  }
}

/** True if nothing is wrong but that plugins were set up already, in another way. */
function needsRoll({ code, diagnostics }: Failure): boolean {
  const codes = diagnostics.length > 0 ? diagnostics.map((found) => found.code) : [code]
  return codes.every((found) => found === 'GW_PLUGIN_NEEDS_RESTART')
}

function addressesOf({ addresses }: Applied): Addresses {
  return new Map(addresses)
}

function since(began: number): number {
  return Math.round(performance.now() - began)
}
