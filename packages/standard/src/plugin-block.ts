/**
 * The keys of a `plugins` block.
 *
 * @module
 */
import { type ConfigPath, nearest, type Report, tryDuration } from '@gatewright/kernel'
import { isRecord } from './manifest.ts'

/** A `plugins` block that is in order. */
export interface PluginBlock {
  /** Package name or path; default: the label. */
  readonly source?: string
  /** Range that the package's version must satisfy. */
  readonly version?: string
  readonly enabled: boolean
  /** True if the rest is to work without it. */
  readonly optional: boolean
  /** True if the plugin goes by its label. */
  readonly rename: boolean
  /** Other names for its types: own → in this configuration. */
  readonly alias: Readonly<Record<string, string>>
  readonly ignoresCompat: boolean
  /** How long importing it may take, and how long its set-up. */
  readonly timeoutMs?: number
  /** Options of the plugin. */
  readonly config?: unknown
}

type Key = 'text' | 'switch' | 'names' | 'duration' | 'anything'

const keys: Readonly<Record<string, Key>> = {
  source: 'text',
  version: 'text',
  enabled: 'switch',
  optional: 'switch',
  rename: 'switch',
  alias: 'names',
  ignore_compat: 'switch',
  timeout: 'duration',
  config: 'anything',
}

const expected: Readonly<Record<Key, string>> = {
  text: 'a string',
  switch: 'true or false',
  names: 'a map of type names, such as { "hello" = "my-hello" }',
  duration: 'a duration such as "30s"',
  anything: 'a block',
}

/** The blocks by label. */
export function blocksOf(value: unknown, report: Report): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  if (isRecord(value)) return value
  const message = 'a "plugins" block needs a label'
  report({ path: ['plugins'], code: 'GW_CONFIG_LABEL', message })
  return {}
}

/** The block with its defaults; `undefined` if something is wrong with it, which was reported. */
export function readBlock(
  written: unknown,
  path: ConfigPath,
  report: Report,
): PluginBlock | undefined {
  const block = unwrapped(written)
  if (!isRecord(block)) {
    report({ path, code: 'GW_CONFIG_TYPE', message: 'expected a block' })
    return undefined
  }
  const sound = Object.entries(block).map(([key, value]) => checkKey(key, value, path, report))
  if (sound.includes(false)) return undefined
  const { source, version, timeout, config } = block
  const timeoutMs = durationOf(timeout)
  return {
    ...(typeof source === 'string' && { source }),
    ...(typeof version === 'string' && { version }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(config !== undefined && { config }),
    enabled: block['enabled'] !== false,
    optional: block['optional'] === true,
    rename: block['rename'] === true,
    ignoresCompat: block['ignore_compat'] === true,
    // Checked above: names only.
    alias: (unwrapped(block['alias']) ?? {}) as Record<string, string>,
  }
}

function checkKey(key: string, value: unknown, path: ConfigPath, report: Report): boolean {
  const where = [...path, key]
  const kind = Object.hasOwn(keys, key) ? keys[key] : undefined
  if (kind === undefined) {
    const suggestion = nearest(key, Object.keys(keys))
    const rest =
      suggestion === undefined
        ? '; options of the plugin stand in "config"'
        : `; did you mean "${suggestion}"?`
    report({
      path: where,
      code: 'GW_CONFIG_UNKNOWN_KEY',
      message: `unknown key "${key}"${rest}`,
      ...(suggestion !== undefined && { suggestion }),
    })
    return false
  }
  if (fits(kind, value)) return true
  report({ path: where, code: 'GW_CONFIG_TYPE', message: `"${key}" must be ${expected[kind]}` })
  return false
}

function fits(kind: Key, value: unknown): boolean {
  if (kind === 'anything') return true
  if (kind === 'text') return typeof value === 'string'
  if (kind === 'switch') return typeof value === 'boolean'
  if (kind === 'duration') return durationOf(value) !== undefined
  const names = unwrapped(value)
  return isRecord(names) && Object.values(names).every((name) => typeof name === 'string')
}

function durationOf(value: unknown): number | undefined {
  const isWritten = typeof value === 'string' || typeof value === 'number'
  const ms = isWritten ? tryDuration(value) : undefined
  return ms !== undefined && ms > 0 ? ms : undefined
}

/** What may still be wrapped in a list. */
function unwrapped(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}
