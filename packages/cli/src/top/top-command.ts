import { setTimeout as after } from 'node:timers/promises'
import { ConfigFile } from '../config-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf, reportFailure } from '../failure.ts'
import { type Output, paint } from '../output.ts'
import { findRunning, type RunningGateway } from '../running/running-gateways.ts'
import type { WhichGateway } from '../status/status-command.ts'
import { type Look, loadsBetween } from './load.ts'
import { Screen } from './screen.ts'
import { renderTop, type Shown } from './top-view.ts'

/** How `top` shows what it shows. */
export interface TopOptions extends WhichGateway {
  readonly intervalMs: number
  /** Shows one interval and ends. */
  readonly once: boolean
}

/** Shows what goes through the running gateway, until its user has enough. */
export async function top(
  { config, pid, intervalMs, once }: TopOptions,
  output: Output,
): Promise<ExitCode> {
  const { path } = new ConfigFile(config)
  try {
    const running = await findRunning({ file: path, ...(pid !== undefined && { pid }) })
    const watch = { running, intervalMs }
    if (output.json) await printLines(watch, once, output)
    else if (once || output.stdout.isTTY !== true) await printOnce(watch, output)
    else await followOnScreen(watch)
    return exitCodes.ok
  } catch (error) {
    return reportFailure(failureOf(error), output)
  }
}

interface Watch {
  readonly running: RunningGateway
  readonly intervalMs: number
}

async function look(running: RunningGateway): Promise<Look> {
  const traffic = await running.ask('traffic', null)
  return { at: performance.now(), traffic }
}

/** Each interval after the other; the first one is over before it comes. */
async function* intervals(
  { running, intervalMs }: Watch,
  signal?: AbortSignal,
): AsyncGenerator<Shown> {
  const { pid, file } = running
  const who = { pid, ...(file !== undefined && { file }) }
  let before = await look(running)
  for (;;) {
    await after(intervalMs, undefined, signal === undefined ? {} : { signal })
    const now = await look(running)
    yield { who, traffic: now.traffic, loads: loadsBetween(before, now) }
    before = now
  }
}

async function printLines(watch: Watch, once: boolean, output: Output): Promise<void> {
  const gone = new AbortController()
  // Whoever read the lines has enough.
  process.stdout.on('error', () => gone.abort())
  try {
    for await (const { who, traffic, loads } of intervals(watch, gone.signal)) {
      const { state, config, workers, active_requests: active, counted_by: counter } = traffic
      const line = { at: new Date().toISOString(), ...who, state, config, workers }
      const numbers = { active_requests: active, open_connections: traffic.open_connections }
      output.print(JSON.stringify({ ...line, ...numbers, counted_by: counter, ...loads }))
      if (once) return
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
}

async function printOnce(watch: Watch, output: Output): Promise<void> {
  for await (const shown of intervals(watch)) {
    for (const { text, style } of renderTop(shown)) {
      output.print(style === undefined ? text : paint(output.stdout, style, text))
    }
    return
  }
}

async function followOnScreen(watch: Watch): Promise<void> {
  const first = await look(watch.running)
  using screen = new Screen(process.stdout, process.stdin)
  const { pid, file } = watch.running
  const who = { pid, ...(file !== undefined && { file }) }
  const early = { who, traffic: first.traffic, loads: loadsBetween(undefined, first) }
  screen.show((size) => renderTop(early, size))
  try {
    for await (const shown of intervals(watch, screen.signal)) {
      screen.show((size) => renderTop(shown, size))
    }
  } catch (error) {
    if (!screen.signal.aborted) throw error
  }
}
