import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { defineProvider } from '@gatewright/kernel'
import { type Options, schema } from './options.ts'
import { readRoutes } from './routes-file.ts'

/** The block `my-plugin` of `providers`. */
export const provider = defineProvider<Options>({
  type: 'my-plugin',
  schema,
  // What there is, also for a configuration that is only checked. Whoever asks a server here passes
  // `context.signal` on. Without `load`, `watch` yields the configuration.
  load: ({ file }, context) => readRoutes(context.resolvePath(file)),
  create({ file, interval }, scope) {
    const path = scope.resolvePath(file)
    return {
      // Each value says: load again. Ends when the signal aborts, at the latest.
      async *watch(signal) {
        let last: string | undefined
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
