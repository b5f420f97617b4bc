import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway } from '@gatewright/kernel'
import { logAddresses } from './addresses.ts'
import { builtInConfig, ConfigFile } from './config-file.ts'
import type { ExitCode } from './exit-code.ts'
import { type Failure, failureOf, reportFailure } from './failure.ts'
import { Lifetime } from './lifetime.ts'
import { overrideListen } from './listen-override.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'
import { Reloader } from './reloader.ts'
import type { StartOptions } from './start-options.ts'
import { readVersion } from './version.ts'

/** Runs a gateway until a signal ends it; `onReady` is called once it listens. */
export async function start(
  { config, listen, logLevel, io, json }: StartOptions,
  output: Output,
  onReady?: (gateway: Gateway) => void,
): Promise<ExitCode> {
  const log = await createLog(logLevel, output.stdout, json)
  using lifetime = new Lifetime(log)
  const file = new ConfigFile(config)
  const gateway = new Gateway({ log, loader: file.createLoader() })
  // The HTTP engine looks there before it looks into the file; so do processes that are started.
  if (io !== undefined) process.env['GATEWRIGHT_IO'] = io
  if (listen !== undefined) overrideListen(gateway, listen)
  log.info({ version: readVersion(), node: process.version, config: file.path }, 'starting')

  const failure = await open(gateway, file)
  if (failure !== undefined) return reportFailure(failure, output)

  logAddresses(gateway)
  if (gateway.addresses.size === 0) log.warn('nothing listens: there is no entrypoint')
  log.info({ sinceStartMs: Math.round(performance.now()) }, 'ready')
  const reloader = new Reloader(gateway, file, output)
  lifetime.begin(() => reloader.request())
  onReady?.(gateway)

  const exitCode = await lifetime.ended
  await gateway.shutdown()
  log.info('stopped')
  return exitCode
}

async function open(gateway: Gateway, file: ConfigFile): Promise<Failure | undefined> {
  const { log } = gateway
  const began = performance.now()
  let document: HclDocument | undefined
  try {
    if (file.named || file.exists()) {
      document = await file.read()
      await gateway.start(document)
    } else {
      log.warn({ config: file.path }, 'no configuration file; every request is answered with 404')
      await gateway.start(builtInConfig)
    }
  } catch (error) {
    return failureOf(error, document)
  }
  const { routes, services, version } = gateway.snapshot
  const tookMs = Math.round(performance.now() - began)
  log.info(
    { version, routers: routes.length, services: services.size, tookMs },
    'configuration loaded',
  )
  return undefined
}
