import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { defineProvider } from '@gatewright/kernel'
import { schema } from './options.js'
import { readRoutes } from './routes-file.js'

/** @import { Options } from './options.js' */

/** The block `my-plugin` of `providers`. */
export const provider = defineProvider({
  type: 'my-plugin',
  schema,
  // What there is, also for a configuration that is only checked. Whoever asks a server here passes
  // `context.signal` on. Without `load`, `watch` yields the configuration.
  /** @param {Options} options */
  load: ({ file }, context) => readRoutes(context.resolvePath(file)),
  /** @param {Options} options */
  create({ file, interval }, scope) {
    const path = scope.resolvePath(file)
    return {
      // Each value says: load again. Ends when the signal aborts, at the latest.
      async *watch(signal) {
        let last
        while (!signal.aborted) {
          const text = await readFile(path, 'utf8').catch(() => '')
          if (text !== last) yield {}
          last = text
          await setTimeout(interval, undefined, { signal, ref: false }).catch(() => undefined)
        }
      },
    }
  },
})
