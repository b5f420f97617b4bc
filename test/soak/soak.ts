import { setTimeout as delay } from 'node:timers/promises'
import { problemOf } from '@gatewright/kernel'
import { invalidConfiguration, validConfiguration } from './configuration.ts'
import { conversationVisits } from './conversation-visits.ts'
import { GatewayProcess, type Holdings } from './gateway-process.ts'
import type { SoakOptions } from './options.ts'
import { Random } from './random.ts'
import { rightVisits } from './right-visits.ts'
import { Tally } from './tally.ts'
import { UpstreamServer } from './upstream-server.ts'
import { type Visit, Visitor } from './visitor.ts'
import { wrongVisits } from './wrong-visits.ts'

/** What came of a run. */
export interface SoakResult {
  readonly seed: number
  readonly seconds: number
  readonly tally: Tally
  /** Lines of the gateway's log, by level and code. */
  readonly logged: ReadonlyMap<string, number>
  /** After the warm-up, and in the end; with everybody gone both times. */
  readonly before: Holdings
  readonly after: Holdings
}

/** How much more the heap may be in the end: it goes up and down by half of that. */
export const heapAllowance: number = 16 * 2 ** 20
/**
 * The same for the memory of the process, of which the allocator gives little back: 64 MiB of
 * buffers for bulk transfers are allowed at once, and what else a peak of load needs.
 */
export const residentAllowance: number = 128 * 2 ** 20

const visits: readonly Visit[] = [...rightVisits, ...conversationVisits, ...wrongVisits]
const totalWeight = visits.reduce((sum, { weight }) => sum + weight, 0)
/** Visitors at the same time. */
const visitors = 40
const reloadEveryMs = 250
/** How long one visit may take. */
const patienceMs = 30_000
/** How long the gateway may need to let go of everything once nobody is there. */
const settleMs = 20_000
const upstreams = 3

/** One run against one gateway. Every choice follows from the seed. */
export class Soak {
  readonly tally = new Tally()
  readonly #options: Pick<SoakOptions, 'seconds' | 'seed' | 'io'>
  readonly #random: Random
  #lastId = 0

  constructor(options: Pick<SoakOptions, 'seconds' | 'seed' | 'io'>) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  /** Never rejects because of the gateway: what it does wrong is in the result. */
  async run(): Promise<SoakResult> {
    const { seconds, seed, io } = this.#options
    await using fleet = new AsyncDisposableStack()
    const urls: string[] = []
    for (let left = upstreams; left > 0; left--) {
      urls.push(fleet.use(await UpstreamServer.start()).url)
    }
    const hcl = validConfiguration(urls, this.#random)
    const gateway = new GatewayProcess(hcl, io, (text) => this.tally.problem(text))
    fleet.defer(() => gateway.stop())
    const warmUpMs = Math.min(30_000, seconds * 200)

    const { handles } = await gateway.holdings()
    await this.#load(gateway, urls, warmUpMs)
    const before = await this.#settle(gateway, handles)
    await this.#load(gateway, urls, seconds * 1000 - warmUpMs)
    const after = await this.#settle(gateway, before.handles)
    this.#compare(before, after)
    return { seed, seconds, tally: this.tally, logged: gateway.logged, before, after }
  }

  async #load(gateway: GatewayProcess, urls: readonly string[], forMs: number): Promise<void> {
    const until = performance.now() + forMs
    const port = await gateway.port()
    const loops = Array.from({ length: visitors }, () => this.#visitUntil(until, port, gateway))
    await Promise.all([...loops, this.#reloadUntil(until, gateway, urls)])
  }

  async #visitUntil(until: number, port: number, gateway: GatewayProcess): Promise<void> {
    const random = new Random(this.#random.below(2 ** 31))
    while (performance.now() < until && gateway.running) await this.#visit(port, random)
  }

  async #visit(port: number, random: Random): Promise<void> {
    const { name, run } = pickVisit(random)
    this.tally.kind(name).visits++
    const visitor = new Visitor(port, name, random, this.tally, () => ++this.#lastId)
    const timer = setTimeout(() => {
      this.tally.problem(`${name}: not over after ${patienceMs} ms`)
      visitor[Symbol.dispose]()
    }, patienceMs)
    try {
      await run(visitor)
    } catch (error) {
      this.tally.problem(`${name}: ${problemOf(error)}`)
    } finally {
      clearTimeout(timer)
      visitor[Symbol.dispose]()
    }
  }

  async #reloadUntil(until: number, gateway: GatewayProcess, urls: readonly string[]) {
    while (performance.now() < until && gateway.running) {
      const valid = this.#random.chance(0.8)
      const hcl = (valid ? validConfiguration : invalidConfiguration)(urls, this.#random)
      const taken = await gateway.reload(hcl).catch(() => undefined)
      if (taken === valid) this.tally[valid ? 'reloads' : 'refusals']++
      else this.tally.problem(`a reload was ${valid ? 'refused' : 'taken'} wrongly`)
      await delay(reloadEveryMs)
    }
  }

  /** Waits until nothing is held any more and no more handles are open, or for so long. */
  async #settle(gateway: GatewayProcess, handles: number): Promise<Holdings> {
    const until = performance.now() + settleMs
    let holdings = await gateway.holdings()
    while (performance.now() < until && (!isSettled(holdings) || holdings.handles > handles)) {
      await delay(250)
      holdings = await gateway.holdings()
    }
    if (!isSettled(holdings)) {
      this.tally.problem(`not let go of after ${settleMs} ms: ${JSON.stringify(holdings)}`)
    }
    return holdings
  }

  #compare(before: Holdings, after: Holdings): void {
    const grown = (name: keyof Holdings): number => after[name] - before[name]
    if (grown('handles') > 0) this.tally.problem(`${grown('handles')} more handles than before`)
    if (grown('heapBytes') > heapAllowance) this.tally.problem('the heap has grown')
    if (grown('residentBytes') > residentAllowance) this.tally.problem('the process has grown')
  }
}

function pickVisit(random: Random): Visit {
  let at = random.below(totalWeight)
  for (const visit of visits) {
    at -= visit.weight
    if (at < 0) return visit
  }
  throw new RangeError('the weights do not add up')
}

function isSettled({ exchanges, connections, attempts, snapshots }: Holdings): boolean {
  return exchanges === 0 && connections === 0 && attempts === 0 && snapshots === 1
}
