import { type HclDocument, parseHcl } from '@gatewright/config-hcl'
import {
  Gateway,
  GatewayError,
  type PluginLoader,
  problemOf,
  type ReloadOutcome,
  type ReloadReport,
} from '@gatewright/kernel'
import { overrideAddresses } from '../address-override.ts'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf } from '../failure.ts'
import { Lifetime } from '../lifetime.ts'
import { createLog } from '../log.ts'
import { Output } from '../output.ts'
import { describe } from '../running/description.ts'
import { answerPeers, answerTopic, peerTopic } from '../running/topic-answers.ts'
import type { Channel } from './channel.ts'
import {
  type Applied,
  lastRequestMs,
  type Refused,
  type StartOrder,
  type Unread,
  type WorkerConfig,
} from './messages.ts'
import { WorkerPeers } from './worker-peers.ts'
import { WorkerReloads } from './worker-reloads.ts'

/** Runs a gateway as the supervisor orders, until it is to end or the supervisor is gone. */
export async function work(channel: Channel): Promise<ExitCode> {
  const first = Promise.withResolvers<StartOrder | undefined>()
  channel.onOrder((order) => first.resolve(order.type === 'start' ? order : undefined))
  channel.onClose(() => first.resolve(undefined))
  // A terminal sends these to every process; what is to be done about them the supervisor says.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, ignore)
  await channel.send({ type: 'hello' })
  const order = await first.promise
  return order === undefined ? exitCodes.ok : await new Worker(channel, order).run()
}

class Worker {
  readonly #channel: Channel
  readonly #order: StartOrder
  #config: WorkerConfig
  #idleMs = lastRequestMs

  constructor(channel: Channel, order: StartOrder) {
    this.#channel = channel
    this.#order = order
    this.#config = order.config
  }

  async run(): Promise<ExitCode> {
    const { worker, workers, sharedSecret, logLevel, json, beatMs } = this.#order
    const { version, startedAt } = this.#order
    const resumes = { version, startedAt: new Date(startedAt) }
    const output = new Output(json)
    const log = (await createLog(logLevel, output.stdout, json)).child({ worker })
    using lifetime = new Lifetime(log, ['SIGTERM'])
    this.#channel.onClose(() => {
      log.warn('the supervisor is gone; draining')
      lifetime.end()
    })
    const beat = setInterval(() => void this.#channel.send({ type: 'alive' }), beatMs)
    const loader = new ConfigFile(this.#config.file).createLoader()
    const peers = new WorkerPeers(this.#channel)
    const reloads = new WorkerReloads(this.#channel)
    const reload = (): Promise<ReloadOutcome> => reloads.request()
    const share = 1 / workers
    const gateway = new Gateway({ log, loader, share, sharedSecret, peers, resumes, reload })
    lifetime.watchOver(gateway)
    overrideAddresses(gateway, () => this.#config.addresses)
    answerPeers(gateway)
    peers.answer(peerTopic, (asked) => answerTopic({ gateway, workers }, asked))
    this.#channel.onOrder((order) => {
      if (order.type === 'drain') {
        this.#idleMs = order.idleMs
        lifetime.end()
      } else if (order.type === 'reload') void this.#reload(gateway, order.config)
      else if (order.type === 'unread') gateway.hooks.configRefusal.call(errorOf(order))
      else if (order.type === 'describe') void this.#describe(gateway, loader, order.key)
    })

    const outcome = await this.#apply(gateway, this.#config, 'start')
    await this.#channel.send(outcome)
    if (outcome.type === 'refused') return outcome.failure.exitCode
    lifetime.begin({ reload: ignore, roll: ignore, reopen: ignore })
    const exitCode = await lifetime.ended
    await this.#channel.send({ type: 'leaving' })
    await gateway.shutdown({ idleMs: this.#idleMs })
    await peers.bequeath()
    clearInterval(beat)
    return exitCode
  }

  async #reload(gateway: Gateway, config: WorkerConfig): Promise<void> {
    const previous = this.#config
    this.#config = config
    const outcome = await this.#apply(gateway, config, 'reload')
    if (outcome.type === 'refused') this.#config = previous
    await this.#channel.send(outcome)
  }

  async #describe(gateway: Gateway, loader: PluginLoader, key?: string): Promise<void> {
    const report = await describe(gateway, loader, key).then(
      (description) => ({ description }),
      (error: unknown) => ({ problem: problemOf(error) }),
    )
    await this.#channel.send({ type: 'described', ...report })
  }

  async #apply(
    gateway: Gateway,
    { text, file }: WorkerConfig,
    how: 'start' | 'reload',
  ): Promise<Applied | Refused> {
    const began = performance.now()
    let document: HclDocument | undefined
    try {
      document = await parseHcl(text, { file })
      const report = await put(gateway, document, how)
      const { version, hash, routes, services } = gateway.snapshot
      return {
        type: 'applied',
        addresses: [...gateway.addresses],
        version,
        hash,
        ...(report !== undefined && { report }),
        routers: routes.length,
        services: services.size,
        tookMs: Math.round(performance.now() - began),
      }
    } catch (error) {
      return { type: 'refused', failure: failureOf(error, document) }
    }
  }
}

function errorOf({ failure: { code, title, diagnostics } }: Unread): GatewayError {
  const kind = { status: 500, source: 'config' } as const
  return new GatewayError(code, kind, title, { problems: diagnostics })
}

async function put(
  gateway: Gateway,
  document: HclDocument,
  how: 'start' | 'reload',
): Promise<ReloadReport | undefined> {
  // The supervisor tells for all of them.
  if (how === 'reload') return await gateway.reload(document, { quiet: true })
  await gateway.start(document)
  return undefined
}

function ignore(): void {
  // The supervisor has it, too.
}
