import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { definePlugin, defineProvider, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { parseRoutes } from './routes.ts'

interface Options {
  readonly file: string
  /** In milliseconds. */
  readonly interval: number
}

const provider = defineProvider<Options>({
  type: 'csv',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['file'],
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        description: 'CSV file with a host and the URL of a server in each line.',
      },
      interval: {
        duration: true,
        default: '2s',
        description: 'How long after a look at the file comes the next one.',
      },
    },
  },
  // Whenever a configuration is read, also one that is only checked.
  async load({ file }, context) {
    try {
      return parseRoutes(await readFile(context.resolvePath(file), 'utf8'))
    } catch (error) {
      throw errors.GW_CSV_FILE({ file, problem: problemOf(error) }, { cause: error })
    }
  },
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

export default definePlugin({
  name: 'csv',
  setup(gateway) {
    gateway.providers.register(provider)
  },
})
