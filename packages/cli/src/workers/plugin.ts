import { definePlugin, type Plugin, type PluginLoader, type ValueSchema } from '@gatewright/kernel'
import { maxWorkers } from './settings.ts'

/** The top-level keys that are about worker processes. */
const keys: Readonly<Record<string, ValueSchema>> = {
  workers: {
    type: ['integer', 'string'],
    minimum: 1,
    maximum: maxWorkers,
    // A number too, since whatever comes from the environment is text.
    pattern: '^(?:auto|[1-9][0-9]{0,2})$',
    description: 'How many processes do the work; `"auto"` is one for each processor.',
  },
  worker_timeout: {
    type: ['integer', 'string'],
    minimum: 1,
    pattern: '^(?:\\d+|(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h))+)$',
    description: 'How long a worker may be silent before it is taken for hung and replaced.',
  },
}

const workersPlugin: Plugin = definePlugin({
  name: '@gatewright/cli',
  setup(gateway) {
    for (const [type, schema] of Object.entries(keys)) {
      // Whoever starts processes reads them before there is a gateway.
      gateway.section({ type, labelled: false, schema, create: (value: unknown) => value })
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
    types: (kind) =>
      kind === 'section' ? [...loader.types(kind), ...Object.keys(keys)] : loader.types(kind),
  }
}
