import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway, type ReloadOutcome } from '@gatewright/kernel'
import type { Logger } from 'pino'
import { overrideAddresses } from './address-override.ts'
import { logFirstAddresses } from './addresses.ts'
import { builtInConfig, ConfigFile } from './config-file.ts'
import { ConfigWatch } from './config-watch.ts'
import type { ExitCode } from './exit-code.ts'
import { type Failure, failureOf, reportFailure } from './failure.ts'
import { Lifetime } from './lifetime.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'
import { notRunning } from './reload-outcome.ts'
import { Reloader } from './reloader.ts'
import { describe } from './running/description.ts'
import { openSocket } from './running/gateway-socket.ts'
import { answerPeers, answerTopic } from './running/topic-answers.ts'
import type { StartOptions } from './start-options.ts'
import { readVersion } from './version.ts'
import { readWorkerCount } from './workers/settings.ts'

/** Called once a gateway in the present process listens. */
export type OnReady = (gateway: Gateway) => void

/**
 * Runs a gateway until a signal ends it: in this process, or in several if the configuration says
 * so.
 */
export async function start(
  options: StartOptions,
  output: Output,
  onReady?: OnReady,
): Promise<ExitCode> {
  const log = await createLog(options.logLevel, output.stdout, options.json)
  using lifetime = new Lifetime(log)
  const file = new ConfigFile(options.config)
  // The HTTP engine looks there before it looks into the file; so do processes that are started.
  if (options.io !== undefined) process.env['GATEWRIGHT_IO'] = options.io
  log.info({ version: readVersion(), node: process.version, config: file.path }, 'starting')
  let document: HclDocument | undefined
  try {
    document = await readIfThere(file, log)
  } catch (error) {
    return reportFailure(failureOf(error), output)
  }
  await using watch = new ConfigWatch(log, () => lifetime.ask('reload'))
  if (document !== undefined) await watch.begin(document)
  const workers = readWorkerCount(document?.config ?? {}) ?? 1
  if (document === undefined || workers === 1) {
    return await runHere({ options, output, log, lifetime, file, watch, document, onReady })
  }
  const { supervise } = await import('./workers/supervisor.ts')
  return await supervise({ options, output, log, lifetime, file, watch }, document)
}

/** What a command that runs a gateway has to work with. */
export interface Run {
  readonly options: StartOptions
  readonly output: Output
  readonly log: Logger
  readonly lifetime: Lifetime
  readonly file: ConfigFile
  readonly watch: ConfigWatch
}

async function runHere({
  options: { listen },
  output,
  log,
  lifetime,
  file,
  watch,
  document,
  onReady,
}: Run & {
  readonly document: HclDocument | undefined
  readonly onReady: OnReady | undefined
}): Promise<ExitCode> {
  const loader = file.createLoader()
  let reloader: Reloader | undefined = undefined
  const reload = async (): Promise<ReloadOutcome> => (await reloader?.request()) ?? notRunning
  const gateway = new Gateway({ log, loader, reload })
  lifetime.watchOver(gateway)
  const addresses = listen === undefined ? {} : { web: listen }
  overrideAddresses(gateway, () => addresses)

  // A start that waits for somebody, such as a provider, ends by that; who waits below hears of errors.
  lifetime.ended.then(() => gateway.shutdown()).catch(() => undefined)
  const began = performance.now()
  const failure = await open(gateway, document)
  if (lifetime.ending) return await stop(gateway, lifetime)
  if (failure !== undefined) return reportFailure(failure, output)

  logSnapshot(gateway, began)
  logFirstAddresses(log, gateway.addresses)
  reloader = new Reloader(gateway, { file, watch, output }, document)
  answerPeers(gateway)
  const socket = await openSocket(file, log, {
    describe: async () => ({
      ...(await describe(gateway, loader)),
      workers: 1,
      addresses: { given: addresses, chosen: [] },
    }),
    about: (asked) => answerTopic({ gateway, workers: 1 }, asked),
  })
  log.info({ sinceStartMs: Math.round(performance.now()) }, 'ready')
  lifetime.begin({
    reload: () => void reload(),
    roll: () => log.warn('there is one worker, this process, so none can take its place'),
    // Whoever writes a log in this process has heard the signal.
    reopen: () => {},
  })
  onReady?.(gateway)

  await lifetime.ended
  await socket.close()
  return await stop(gateway, lifetime)
}

async function stop(gateway: Gateway, { ended }: Lifetime): Promise<ExitCode> {
  await gateway.shutdown()
  gateway.log.info('stopped')
  return await ended
}

async function readIfThere(file: ConfigFile, log: Logger): Promise<HclDocument | undefined> {
  if (file.named || file.exists()) return await file.read()
  log.warn({ config: file.path }, 'no configuration file; every request is answered with 404')
  return undefined
}

async function open(
  gateway: Gateway,
  document: HclDocument | undefined,
): Promise<Failure | undefined> {
  try {
    await gateway.start(document ?? builtInConfig)
    return undefined
  } catch (error) {
    return failureOf(error, document)
  }
}

function logSnapshot({ snapshot, log }: Gateway, began: number): void {
  const { routes, services, version, hash } = snapshot
  const tookMs = Math.round(performance.now() - began)
  log.info(
    { version, hash, routers: routes.length, services: services.size, tookMs },
    'configuration loaded',
  )
}
