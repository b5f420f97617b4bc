/**
 * What every plugin owes as a whole, whatever it registers.
 *
 * @module
 */
import { Gateway, type GatewayConfigInput, type Plugin } from '@gatewright/kernel'
import { type Check, mustHold } from '../conformance/check.ts'
import { createTestGateway, type TestBench } from '../kit/create-test-gateway.ts'
import type { InjectInit } from '../kit/inject.ts'
import { openFiles } from '../leaks/open-files.ts'
import { ResourceWatch } from '../leaks/resource-watch.ts'
import { nextTurn } from '../real-time.ts'
import { recordLogs } from '../recorded-logs.ts'
import type { Subject } from './subject.ts'

/** How often a start and a stop must leave nothing behind. */
const starts = 50

/** What a plugin is started with. */
export interface PluginUseCase {
  readonly subject: Subject
  readonly beside: readonly Plugin[]
  /** Names an instance of everything that the plugin has. */
  readonly config: GatewayConfigInput
  readonly request: InjectInit | string
}

/** What every plugin owes. */
export function pluginChecks(use: PluginUseCase): readonly Check[] {
  return [
    { name: 'has a name that npm or a file may have', run: async () => wellNamed(use) },
    { name: 'opens and starts nothing while it is set up', run: () => startsNothing(use) },
    { name: 'serves in two gateways at once', run: () => servesTwice(use) },
    { name: 'fails no request with a failure of its own', run: () => failsNothing(use) },
    {
      name: `leaves nothing behind after ${starts} starts and stops`,
      run: () => leavesNothing(use),
    },
  ]
}

function wellNamed({ subject: { plugin } }: PluginUseCase): void {
  const { name, apiVersion = 1 } = plugin
  const word = '[a-z0-9]+(?:[.-][a-z0-9]+)*'
  const isNamed = new RegExp(`^(?:@${word}/)?${word}$`).test(name)
  mustHold(isNamed, `the name is "${name}"; expected kebab-case, or the name of an npm package`)
  mustHold(apiVersion === 1, `"apiVersion" is ${apiVersion}; expected 1`)
}

async function startsNothing({ subject, beside }: PluginUseCase): Promise<void> {
  using watch = new ResourceWatch()
  const before = openFiles()
  const watched = subject.whole((setUp) => watch.run(setUp))
  await using gateway = new Gateway({ log: recordLogs().log, plugins: [...beside, watched] })
  await gateway.validate({})
  // What is opened by name is opened later.
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  const files = [...openFiles()].filter((file) => !before.has(file))
  const opened = [...watch.takeOpened(), ...files]
  const how = 'use "scope.onActivate" of an instance for that'
  mustHold(opened.length === 0, `"setup" started ${opened.join(', ')}; ${how}`)
}

async function servesTwice(use: PluginUseCase): Promise<void> {
  await using first = await started(use)
  await using second = await started(use)
  const alone = await first.inject(use.request)
  for (const each of [second, first]) {
    const { status } = await each.inject(use.request)
    mustHold(status === alone.status, `one answers ${alone.status}, beside another one ${status}`)
  }
}

async function failsNothing(use: PluginUseCase): Promise<void> {
  await using gw = await started(use)
  const { error } = await gw.inject(use.request)
  const cause = error?.cause instanceof Error ? `: ${error.cause.message}` : ''
  mustHold(error?.code.startsWith('GW_PLUGIN_') !== true, `${error?.message}${cause}`)
  const [failed] = gw.logs.find({ msg: 'tap failed' })
  mustHold(failed === undefined, `a tap failed: ${String(failed?.['problem'])}`)
}

async function leavesNothing(use: PluginUseCase): Promise<void> {
  const files = openFiles()
  for (let i = 0; i < starts; i++) {
    const gw = await started(use)
    await gw.inject(use.request)
    await gw.close()
  }
  const left = [...openFiles()].filter((file) => !files.has(file))
  mustHold(left.length === 0, `these files are open: ${left.join(', ')}`)
}

function started({ subject, beside, config }: PluginUseCase): Promise<TestBench> {
  return createTestGateway({ plugins: [...beside, subject.whole()], config })
}
