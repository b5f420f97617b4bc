import { createHmac } from 'node:crypto'
import type { MissingValue } from '@gatewright/config-hcl'
import {
  canonicalJson,
  type Hide,
  type PluginLoader,
  redactedConfig,
  type Understood,
} from '@gatewright/kernel'

/** A configuration as it is compared with another one. Survives JSON, and tells no secret. */
export interface Outline {
  readonly hash: string
  /** With all defaults; secrets are sealed. */
  readonly config: Readonly<Record<string, unknown>>
  /** Keys at the top level whose blocks have labels, besides those of the kernel. */
  readonly labelled: readonly string[]
  /** Router → blocks that it depends on: `services/api`. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>
  /** Blocks that could not be understood, because variables are not set: `['services', 'api']`. */
  readonly unknown: readonly (readonly [section: string, name: string])[]
}

/** No text of a configuration can begin like that. */
const seal = '\u0000sealed '

/** Stands where a value is not known, because an environment variable may be missing. */
export const unknownValue = '\u0000unknown'

/** Makes two outlines with the same key, to compare them. */
export async function outlineOf(
  understood: Understood,
  missing: readonly MissingValue[],
  loader: PluginLoader,
  key: string,
): Promise<Outline> {
  const unknown = new Set(missing.map(({ path }) => JSON.stringify(path)))
  const hide: Hide = (value, path) =>
    unknown.has(JSON.stringify(path)) ? unknownValue : sealed(value, key)
  const { hash, config, sections, dependencies } = understood.blueprint
  const labelled = sections.filter(({ label }) => label !== undefined)
  return {
    hash,
    config: await redactedConfig(understood, loader, hide),
    labelled: [...new Set([...labelled.map(({ section }) => section.type), ...loader.keys])],
    dependencies: Object.fromEntries(dependencies),
    unknown: missing.flatMap(({ path: [section = '', name] }) => {
      const blocks = config[section]
      return name === undefined || (isRecord(blocks) && Object.hasOwn(blocks, name))
        ? []
        : [[String(section), String(name)] as const]
    }),
  }
}

/**
 * Puts a digest in the place of a value, which differs from key to key: whoever reads it cannot
 * look it up, and can only compare it with values that he has.
 */
export function sealed(value: unknown, key: string): string {
  return seal + createHmac('sha256', key).update(canonicalJson(value)).digest('hex')
}

/** True for what {@link sealed} has made. */
export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(seal)
}

/** An object that is neither a list nor null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
