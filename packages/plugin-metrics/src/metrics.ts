import {
  type Exchange,
  type Figure,
  type Registry,
  RequestContext,
  type Scope,
  type Snapshot,
  type StepObserver,
  StreamContext,
} from '@gatewright/kernel'
import { Answers } from './answers.ts'
import { Backends } from './backends.ts'
import { Connections } from './connections.ts'
import { type ExpositionFormat, exposition } from './exposition.ts'
import type { Family, Sample } from './family.ts'
import { figureFamilies } from './figure-families.ts'
import { mergeFamilies } from './merge.ts'
import type { MetricsOptions } from './options.ts'
import { PluginSteps } from './plugin-steps.ts'
import { processFamilies } from './process-families.ts'
import { Requests } from './requests.ts'
import { familiesOf, knownIn, totalsOf } from './totals.ts'

/** What metrics need of the process. */
export interface MetricsHost {
  readonly figures: Registry<Figure>
  readonly version: string
}

const topic = '@gatewright/plugin-metrics'

/** Counts what happens in one process, and tells it for all that work alike. */
export class Metrics implements Disposable {
  readonly connections: Connections = new Connections()
  readonly #options: MetricsOptions
  readonly #host: MetricsHost
  readonly #peers: Scope['peers']
  readonly #log: Scope['log']
  readonly #requests: Requests
  readonly #backends: Backends
  readonly #answers = new Answers()
  readonly #steps: PluginSteps
  readonly #offer: Disposable
  readonly #topic: string
  #snapshot: Snapshot | undefined = undefined

  constructor(options: MetricsOptions, host: MetricsHost, scope: Pick<Scope, 'peers' | 'log'>) {
    this.#options = options
    this.#host = host
    this.#peers = scope.peers
    this.#log = scope.log
    this.#requests = new Requests(options.buckets)
    this.#backends = new Backends(options)
    this.#steps = new PluginSteps(options.step_sampling)
    // What was counted into other buckets, or under other names, cannot be added.
    this.#topic = `${topic}:${JSON.stringify(options)}`
    this.#offer = this.#peers.answer(this.#topic, () => this.#own(), totalsOf)
  }

  /** Counts the steps of a configuration. */
  get steps(): StepObserver {
    return this.#steps
  }

  ended(exchange: Exchange): void {
    if (exchange instanceof RequestContext) {
      this.#requests.ended(exchange)
      this.#answers.ended(exchange)
      const service = exchange.route?.service
      if (exchange.status === 101 && service !== undefined) {
        this.connections.carried(exchange, service)
      }
    } else if (exchange instanceof StreamContext) this.connections.streamEnded(exchange)
  }

  attemptEnded(...args: Parameters<Backends['attemptEnded']>): void {
    this.#backends.attemptEnded(...args)
  }

  /** Another configuration is active. */
  follow(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    this.#requests.follow(snapshot)
    this.#backends.follow(snapshot)
    this.#steps.follow()
  }

  /** What all processes counted, as text. */
  async text(format: ExpositionFormat = 'text'): Promise<string> {
    return exposition(await this.families(), format)
  }

  /** The same as data, with the families that nothing was counted for yet. */
  async families(): Promise<readonly Family[]> {
    // Its own form of what everybody answers survives JSON as it is.
    const { answers, others } = await this.#peers.survey(this.#topic)
    const all = answers as readonly (readonly Family[])[]
    const [alike] = all
    const snapshot = this.#snapshot
    if (alike === undefined || snapshot === undefined) return mergeFamilies(all)
    // What those counted who have ended: without it counters would go back.
    const past = familiesOf(others, alike, knownIn(snapshot))
    return mergeFamilies(past.length === 0 ? all : [...all, past])
  }

  /** The same by name, without the prefix. */
  async byName(): Promise<ReadonlyMap<string, Family>> {
    const { prefix } = this.#options
    const all = await this.families()
    return new Map(
      all.map((family) => {
        const { name } = family
        return [name.startsWith(prefix) ? name.slice(prefix.length) : name, family]
      }),
    )
  }

  /** What a server is called in the label `backend`. */
  backendName(url: URL): string {
    return this.#backends.nameOf(url)
  }

  [Symbol.dispose](): void {
    this.#offer[Symbol.dispose]()
  }

  async #own(): Promise<Family[]> {
    const snapshot = this.#snapshot
    if (snapshot === undefined) return []
    const { prefix } = this.#options
    const own = this.#families(snapshot).map((family) => ({
      ...family,
      name: `${prefix}${family.name}`,
    }))
    return [...own, ...(await processFamilies())].map((family) => sayable(family))
  }

  /** The first eleven in the order in which the reference tells them. */
  #families(snapshot: Snapshot): Family[] {
    const requests = this.#requests
    return [
      ...requests.totals(),
      this.connections.active(snapshot),
      requests.routers(),
      this.#backends.requests(snapshot),
      requests.services(),
      this.#steps.invocations(),
      requests.latencies(),
      ...requests.errors(),
      ...requests.more(),
      ...this.#backends.durations(),
      ...this.#backends.state(snapshot),
      this.#active(snapshot),
      ...this.connections.families(snapshot),
      ...this.#answers.families(snapshot),
      ...this.#steps.families(),
      ...figureFamilies(this.#host.figures, {
        snapshot,
        nameOf: (url) => this.#backends.nameOf(url),
        log: this.#log,
      }),
      ...this.#state(snapshot),
    ]
  }

  #active({ services }: Snapshot): Family {
    return {
      name: 'service_active_requests',
      type: 'gauge',
      help: 'Current accepted requests by configured service',
      labels: ['service'],
      across: 'sum',
      samples: [...services.values()].map(({ name, pool }) => ({
        labels: [name],
        value: pool.all.reduce((sum, { active }) => sum + active, 0),
      })),
    }
  }

  #state({ version, hash }: Snapshot): Family[] {
    const gauge = { type: 'gauge', across: 'max' } as const
    return [
      {
        ...gauge,
        name: 'config_info',
        help: 'The active configuration',
        labels: ['version', 'hash'],
        samples: [{ labels: [String(version), hash], value: 1 }],
      },
      {
        ...gauge,
        name: 'build_info',
        help: 'What runs',
        labels: ['version', 'node'],
        samples: [{ labels: [this.#host.version, process.versions.node], value: 1 }],
      },
    ]
  }
}

/** Without what tells nothing, such as the lag of a loop that was not measured, and is no JSON. */
function sayable(family: Family): Family {
  return { ...family, samples: family.samples.filter(({ value }) => isSayable(value)) }
}

function isSayable(value: Sample['value']): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}
