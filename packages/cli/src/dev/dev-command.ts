import { isAbsolute, relative } from 'node:path'
import type { HclDocument } from '@gatewright/config-hcl'
import { ConfigFile } from '../config-file.ts'
import { ConfigWatch } from '../config-watch.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf, reportFailure } from '../failure.ts'
import { Lifetime } from '../lifetime.ts'
import { createLog } from '../log.ts'
import type { Output } from '../output.ts'
import type { StartOptions } from '../start-options.ts'
import { supervise } from '../workers/supervisor.ts'
import { SourceWatch } from './source-watch.ts'

/**
 * Runs a gateway that follows its configuration and the sources of its plugins. A changed
 * configuration is reloaded; for changed sources another process takes the place of the present one
 * while that goes on, so that no request is lost. What is wrong is told, and tried again when it is
 * saved.
 */
export async function develop(options: StartOptions, output: Output): Promise<ExitCode> {
  const log = await createLog(options.logLevel, output.stdout, options.json)
  const file = new ConfigFile(options.config)
  if (options.io !== undefined) process.env['GATEWRIGHT_IO'] = options.io
  for (;;) {
    using lifetime = new Lifetime(log)
    const changed = Promise.withResolvers<void>()
    using watch = new SourceWatch(log, {
      configuration: () => {
        changed.resolve()
        lifetime.ask('reload')
        void follow()
      },
      sources: (path) => {
        changed.resolve()
        log.info({ file: shown(path) }, 'a plugin changed')
        lifetime.ask('roll')
      },
    })
    const follow = async (): Promise<HclDocument | undefined> => {
      // What is wrong with it is told by whoever applies it.
      const document = await file.read().catch(() => undefined)
      await watch.follow(file.path, document)
      return document
    }
    await follow()
    const exitCode = await begin({ options, output, log, lifetime, file })
    if (exitCode !== exitCodes.failed) return exitCode
    log.info('waiting for a change')
    const again = await Promise.race([
      changed.promise.then(() => true),
      lifetime.ended.then(() => false),
    ])
    if (!again) return exitCodes.ok
  }
}

/** Comes back when the gateway has ended, or could not begin. */
async function begin(parts: Omit<Parameters<typeof supervise>[0], 'watch'>): Promise<ExitCode> {
  const { file, log, output } = parts
  let document: HclDocument
  try {
    document = await file.read()
  } catch (error) {
    return reportFailure(failureOf(error), output)
  }
  // A second watcher would reload twice.
  await using watch = new ConfigWatch(log, 'watched by others')
  return await supervise({ ...parts, watch }, document)
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return isAbsolute(short) || short.startsWith('..') ? path : short
}
