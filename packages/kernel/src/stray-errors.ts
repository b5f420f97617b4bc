/**
 * Errors that nobody caught, and whose they are.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { errors } from './errors.ts'
import type { Figure } from './figure.ts'
import { problemOf } from './gateway-error.ts'
import type { PluginLoader } from './plugin.ts'
import { actingPlugin } from './plugin-context.ts'
import { logRarely } from './rare-lines.ts'

/** Contains stray errors of plugins. */
export class StrayErrors {
  readonly #log: Logger
  readonly #loader: PluginLoader | undefined
  /** By plugin. */
  readonly #counts = new Map<string, number>()

  constructor(log: Logger, loader: PluginLoader | undefined) {
    this.#log = log
    this.#loader = loader
  }

  /**
   * For an error that nobody caught, in the listeners of `uncaughtException` and
   * `unhandledRejection`: logs it and counts it if a plugin let it go, for the process to go on.
   * False if it is nobody's, so that nobody knows what state the process is in.
   */
  contain(error: unknown): boolean {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    // On whose behalf it happened, if nobody is on the stack.
    const plugin = this.ownerOfStack(stack) ?? actingPlugin()
    if (plugin === undefined) return false
    this.#counts.set(plugin, (this.#counts.get(plugin) ?? 0) + 1)
    const stray = errors.GW_PLUGIN_STRAY_ERROR({ plugin, problem: problemOf(error) })
    const { code, hint, message } = stray
    logRarely(this.#log, {
      level: 'error',
      subject: message,
      message,
      fields: () => ({ code, plugin, err: error, hint }),
    })
    return true
  }

  /** Name of the first plugin whose code is on a stack. */
  ownerOfStack(stack: string): string | undefined {
    for (const line of stack.split('\n')) {
      const file = fileIn(line)
      const plugin = file === undefined ? undefined : this.#loader?.ownerOf?.(file)
      if (plugin !== undefined) return plugin
    }
    return undefined
  }

  /** For `figures`. */
  figure(): Figure {
    return {
      type: 'plugin_stray_errors_total',
      kind: 'counter',
      help: 'Errors of plugins that nobody caught',
      labels: ['plugin'],
      read: () => [...this.#counts].map(([plugin, value]) => ({ labels: [plugin], value })),
    }
  }
}

/** The file of a line of a stack. */
function fileIn(line: string): string | undefined {
  const [, place] = /^\s+at .*?((?:file:\/\/|\/)[^\s()]+?):\d+:\d+\)?$/.exec(line) ?? []
  if (place === undefined || !place.startsWith('file:')) return place
  try {
    return fileURLToPath(place)
  } catch {
    // Something that only looks like a URL.
    return undefined
  }
}
