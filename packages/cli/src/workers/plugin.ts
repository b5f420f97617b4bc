import {
  defineErrors,
  definePlugin,
  type ErrorCatalogue,
  type ErrorKind,
  type Plugin,
  type PluginLoader,
  type ValueSchema,
} from '@gatewright/kernel'
import { maxWorkers, readWorkerCount, readWorkerTimeout } from './settings.ts'

const catalogue = {
  GW_CLI_WORKERS: {
    status: 500,
    source: 'config',
    message: (p: { expected: string; found: string | number }) =>
      `expected ${p.expected}, found ${JSON.stringify(p.found)}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** A top-level key that is about worker processes. */
interface WorkerKey {
  readonly schema: ValueSchema
  /** What is to stand there, if what does is not understood. */
  readonly check: (value: unknown) => string | undefined
  /** What a change asks of the present processes. */
  readonly needsRestart?: (atStart: unknown, now: unknown) => boolean
}

const keys: Readonly<Record<string, WorkerKey>> = {
  workers: {
    schema: {
      type: ['integer', 'string'],
      minimum: 1,
      maximum: maxWorkers,
      description: 'How many processes do the work; `"auto"` is one for each processor.',
    },
    check: (workers) =>
      readWorkerCount({ workers }) === undefined ? 'an integer above 0 or "auto"' : undefined,
    // A supervisor starts other workers then. Where there is none, there will be none.
    needsRestart: (atStart, now) =>
      readWorkerCount({ workers: atStart }) !== readWorkerCount({ workers: now }),
  },
  worker_timeout: {
    schema: {
      type: ['integer', 'string'],
      minimum: 1,
      description: 'How long a worker may be silent before it is taken for hung and replaced.',
    },
    check: (text) =>
      readWorkerTimeout({ worker_timeout: text }) === undefined
        ? 'a duration such as "10s"'
        : undefined,
  },
}

const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

const workersPlugin: Plugin = definePlugin({
  name: '@gatewright/cli',
  setup(gateway) {
    for (const [type, { schema, check, needsRestart }] of Object.entries(keys)) {
      gateway.section({
        type,
        labelled: false,
        schema,
        // Whoever starts processes has read the value before there was a gateway.
        create(value: string | number) {
          const expected = check(value)
          if (expected !== undefined) throw errors.GW_CLI_WORKERS({ expected, found: value })
          return value
        },
        ...(needsRestart !== undefined && { needsRestart }),
      })
    }
  },
})

/** Makes a loader know the top-level keys that are about worker processes. */
export function withWorkerKeys(loader: PluginLoader): PluginLoader {
  return {
    keys: loader.keys,
    listed: (config, report) => loader.listed(config, report),
    find: (kind, type) =>
      kind === 'section' && Object.hasOwn(keys, type) ? workersPlugin : loader.find(kind, type),
    companions: (kind, type) => loader.companions(kind, type),
    named: (name) => loader.named?.(name),
    originOf: (plugin) => loader.originOf?.(plugin),
    ownerOf: (file) => loader.ownerOf?.(file),
    types: (kind) =>
      kind === 'section' ? [...loader.types(kind), ...Object.keys(keys)] : loader.types(kind),
  }
}
