/**
 * Reads `middlewares` blocks: the type, the keys that all of them have, the options.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import { combine, commonMiddlewareKeys, pick } from './block-schemas.ts'
import type { CommonKeys, MiddlewarePlan } from './blueprint.ts'
import type { ConfigPath } from './config.ts'
import type { AbsentPlugin } from './plugin.ts'
import { middlewareStandIn } from './stand-ins.ts'

const typeKey = { type: { type: 'string', description: 'Which middleware it is.' } }

/** Understands one `middlewares` block. `undefined` if it is of no use. */
export async function readMiddleware(
  reader: BlockReader,
  name: string,
  block: unknown,
): Promise<MiddlewarePlan | undefined> {
  const path = ['middlewares', name]
  const type = unwrapped(block)?.['type']
  if (typeof type !== 'string') {
    // Reports what is wrong with the type; the rest cannot be checked without it.
    reader.block({ type }, combine(typeKey, ['type'], []), path)
    return undefined
  }
  const { middlewares } = reader.host
  const where = [...path, 'type']
  if (await belongsToEntrypoints(reader, type, where)) return undefined
  const factory = await reader.factory('middleware', middlewares, type, where, 'middleware type')
  const absent = reader.absentFor('middleware', type)
  if (absent !== undefined) return standIn(reader, name, type, block, absent)
  if (factory === undefined) return undefined
  const schema = combine(typeKey, [], [commonMiddlewareKeys, factory.schema])
  const options = reader.block(block, schema, path)
  if (options === undefined) return undefined
  reader.keep('middlewares', name, options)
  // The schema of the common keys was part of the validation.
  const common = pick(options, commonMiddlewareKeys) as unknown as CommonKeys
  return { name, factory, options: pick(options, factory.schema), common }
}

/** In place of a block whose type belongs to a plugin that is left out: its own keys are unknown. */
function standIn(
  reader: BlockReader,
  name: string,
  type: string,
  block: unknown,
  absent: AbsentPlugin,
): MiddlewarePlan | undefined {
  const path = ['middlewares', name]
  const given = pick(unwrapped(block) ?? {}, commonMiddlewareKeys)
  const options = reader.block(
    { ...given, type },
    combine(typeKey, ['type'], [commonMiddlewareKeys]),
    path,
  )
  if (options === undefined) return undefined
  reader.keep('middlewares', name, options)
  // The schema of the common keys was part of the validation.
  const common = pick(options, commonMiddlewareKeys) as unknown as CommonKeys
  return middlewareStandIn(name, type, common, absent)
}

/** A feature of entrypoints that somebody takes for a middleware. */
async function belongsToEntrypoints(
  reader: BlockReader,
  type: string,
  path: ConfigPath,
): Promise<boolean> {
  const { host } = reader
  const { middlewares, entrypointFeatures } = host
  if (host.knownTypes('middleware', middlewares).includes(type)) return false
  const feature = await reader.find('entrypoint feature', entrypointFeatures, type, path)
  if (feature === undefined) return false
  const keys = Object.keys(feature.schema.properties)
  reader.report({
    path,
    code: 'GW_UNKNOWN_TYPE',
    message: `"${type}" is not a middleware; set ${keys.join(', ')} in an "entrypoints" block`,
  })
  return true
}
