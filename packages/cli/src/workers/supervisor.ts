import type { HclDocument } from '@gatewright/config-hcl'
import { problemOf } from '@gatewright/kernel'
import type { Logger } from 'pino'
import { type Addresses, logAddresses, logFirstAddresses } from '../addresses.ts'
import { refuseEmpty } from '../config-watch.ts'
import { differencesOf } from '../diff/differences.ts'
import type { ExitCode } from '../exit-code.ts'
import { type Failure, failureOf, reportFailure } from '../failure.ts'
import { logRefusal } from '../refusal.ts'
import { logReload } from '../reload-log.ts'
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
  const fleet = new Fleet({ log, logLevel, json, spawn: spawnWorker }, orders)
  const kill = (): void => fleet.kill()
  // Whatever ends this process ends the workers too, unless it had no time to.
  process.once('exit', kill)

  const started = await fleet.start()
  if (started.type === 'refused') return reportFailure(started.failure, output)

  const supervisor = new Supervisor({ run, fleet, settled }, document, addressesOf(started))
  const { version, hash, routers, services } = started
  const tookMs = Math.round(performance.now() - began)
  log.info({ version, hash, routers, services, tookMs }, 'configuration loaded')
  logFirstAddresses(log, addressesOf(started))
  const { workers } = orders
  const socket = await openSocket(run.file, log, supervisor)
  log.info({ workers, sinceStartMs: Math.round(performance.now()) }, 'ready')
  lifetime.begin({
    reload: () => supervisor.request('reload'),
    roll: () => supervisor.request('roll'),
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

/** Does what signals ask for, one thing at a time. */
class Supervisor implements Answerer {
  readonly #run: Run
  readonly #log: Logger
  readonly #fleet: Fleet
  readonly #settled: SettledAddresses
  readonly #wanted = new Set<'reload' | 'roll'>()
  /** What the workers run. */
  #document: HclDocument
  #addresses: Addresses
  #version = 1
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

  /** What is asked for again before its turn is done once. */
  request(what: 'reload' | 'roll'): void {
    this.#wanted.add(what)
    if (!this.#busy) void this.#work()
  }

  async describe(): Promise<Running> {
    const { workers, config } = this.#fleet.orders
    const addresses = this.#settled.all(config.addresses)
    const description = await this.#fleet.describe()
    return { ...description, version: this.#version, workers, addresses }
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
    for (const what of this.#wanted) {
      this.#wanted.delete(what)
      await (what === 'reload' ? this.#reload() : this.#roll())
    }
    this.#busy = false
  }

  /** Never rejects: nobody waits for it. */
  async #roll(): Promise<void> {
    const began = performance.now()
    this.#log.info('rolling the workers')
    const outcome = await this.#fleet.roll()
    if (this.#fleet.stopping) return
    if (outcome.type === 'applied')
      return this.#log.info({ tookMs: since(began) }, 'workers rolled')
    const { code, title: problem } = outcome.failure
    this.#log.error({ code, problem }, 'roll refused; the running workers stay')
  }

  /** Never rejects: nobody waits for it. */
  async #reload(): Promise<void> {
    const { file, watch } = this.#run
    this.#log.info({ config: file.path }, 'reloading the configuration')
    let document: HclDocument | undefined
    try {
      document = await file.read()
      if (watch.active) refuseEmpty(document)
      if (await this.#applied(document)) return await watch.follow(document)
    } catch (error) {
      this.#refuse(failureOf(error, document))
    }
    if (document?.text !== this.#document.text) await this.#applyRest()
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
  async #applied(document: HclDocument, quiet = false): Promise<boolean> {
    const began = performance.now()
    const orders = await ordersOf(document, this.#settled, this.#fleet.orders)
    const outcome = await this.#apply(orders)
    if (this.#fleet.stopping) return false
    if (outcome.type === 'refused') {
      this.#refuse(outcome.failure)
      return false
    }
    this.#document = document
    if (!quiet || outcome.report?.unchanged !== true) this.#accept(outcome, began)
    return true
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
    const outcome = await this.#fleet.roll(orders)
    if (outcome.type === 'refused' || before === undefined) return outcome
    const after = await this.#describe(before.key)
    if (after === undefined) return outcome
    const { version, hash, tookMs } = outcome
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
    const { workers } = this.#fleet.orders
    const tookMs = since(began)
    // That of a worker begins anew with its process.
    if (report?.unchanged !== true) this.#version++
    const version = this.#version
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

  #refuse(failure: Failure): void {
    logRefusal(failure, this.#log, this.#run.output)
  }
}

async function ordersOf(
  { text, file, config }: HclDocument,
  settled: SettledAddresses,
  present?: Orders,
): Promise<Orders> {
  return {
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
