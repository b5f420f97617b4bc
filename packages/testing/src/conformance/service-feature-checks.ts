import { PassThrough } from 'node:stream'
import {
  type AnyOptions,
  type OptionsSchema,
  type ServiceFeatureFactory,
  StreamContext,
  type ValueSchema,
} from '@gatewright/kernel'
import { memoryConnection } from '../memory/memory-clients.ts'
import {
  type FeatureMountOptions,
  type MountedFeature,
  mountServiceFeature,
  validateServiceFeature,
} from '../mount/mount-service-feature.ts'
import { type Check, mustHold } from './check.ts'
import { isIdle, lifecycleChecks } from './lifecycle-checks.ts'
import { blockChecks, casesChecks, valueChecks } from './schema-checks.ts'

/** What a service feature is tried with. */
export interface ServiceFeatureCases extends FeatureMountOptions {
  /** Blocks, or values of a single key, as a user writes them; at least one. */
  readonly valid: readonly [unknown, ...unknown[]]
  /** What must be refused. */
  readonly invalid: readonly unknown[]
}

/** The contract of service features, as functions that reject where it is broken. */
export function serviceFeatureChecks<O>(
  factory: ServiceFeatureFactory<O>,
  cases: ServiceFeatureCases,
): readonly Check[] {
  const { type, schema } = factory
  const [options] = cases.valid
  const mount = (): Promise<MountedFeature> => mountServiceFeature(factory, options, cases)
  const instantiate = async (written: unknown): Promise<void> =>
    (await mountServiceFeature(factory, written, cases)).close()
  return [
    {
      name: 'has a type in snake_case',
      run: async () => mustHold(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(type), `type "${type}"`),
    },
    ...ownChecks(type, schema, options, instantiate),
    ...casesChecks({ ...cases, instantiate }),
    ...lifecycleChecks({
      factory,
      options,
      mount: (observed, written) => mountServiceFeature(observed, written, cases),
      validate: (observed, written) => validateServiceFeature(observed, written, cases),
    }),
    { name: 'lets requests reach healthy servers', run: () => reaches(mount) },
    { name: 'answers 503 when there is no server at all', run: () => hasNothing(mount) },
    { name: 'begins attempts for connections that carry no requests', run: () => streams(mount) },
    { name: 'lets go of an exchange whose client left', run: () => letsGo(mount) },
    { name: 'can be taken away and come back', run: () => comesAndGoes(mount, options) },
  ]
}

function ownChecks(
  type: string,
  schema: OptionsSchema<AnyOptions> | ValueSchema,
  valid: unknown,
  instantiate: (options: unknown) => Promise<void>,
): Check[] {
  if (!isBlock(schema)) return valueChecks(schema)
  return blockChecks({ type, schema, foreignKeys: [], valid, instantiate })
}

/** A single value is no object. */
function isBlock(
  schema: OptionsSchema<AnyOptions> | ValueSchema,
): schema is OptionsSchema<AnyOptions> {
  return schema.type === 'object'
}

type Mount = () => Promise<MountedFeature>

async function reaches(mount: Mount): Promise<void> {
  await using mounted = await mount()
  for (let i = 0; i < 10; i++) {
    const { status, error } = await mounted.send()
    mustHold(status === 200, `a request was answered ${status} (${error?.code ?? 'no error'})`)
  }
  mustHold(isIdle(mounted.gateway), 'an endpoint still counts exchanges that have ended')
}

async function hasNothing(mount: Mount): Promise<void> {
  await using mounted = await mount()
  for (const { pool } of mounted.gateway.snapshot.services.values()) pool.update([])
  const { status, error } = await mounted.send()
  const answer = `${status} (${error?.code ?? 'no error'})`
  mustHold(status === 503, `without any server the answer was ${answer}`)
}

async function streams(mount: Mount): Promise<void> {
  await using mounted = await mount()
  const { snapshot } = mounted.gateway
  const connection = memoryConnection('memory', snapshot)
  const exchange = new StreamContext(connection, snapshot, new PassThrough())
  const attempt = mounted.service().begin(exchange)
  mustHold(attempt !== undefined, 'nothing was picked for a connection without requests')
  attempt.release()
  mustHold(isIdle(mounted.gateway), 'the endpoint still counts an attempt that was released')
}

async function letsGo(mount: Mount): Promise<void> {
  await using mounted = await mount()
  const upstream = (): Promise<never> => {
    setImmediate(mounted.abort)
    return new Promise(() => undefined)
  }
  await mounted.send({ upstream })
  mustHold(isIdle(mounted.gateway), 'the exchange went on after its client had left')
}

async function comesAndGoes(mount: Mount, options: unknown): Promise<void> {
  await using mounted = await mount()
  for (const next of [undefined, options, undefined]) {
    await mounted.reload(next)
    const { status } = await mounted.send()
    mustHold(status === 200, `after a reload a request was answered ${status}`)
  }
}
