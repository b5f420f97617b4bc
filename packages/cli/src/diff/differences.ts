import {
  type BlockKind,
  blockTextsOf,
  type ConfigChanges,
  compareBlocks,
  isUnchanged,
} from '@gatewright/kernel'
import { readWorkerCount } from '../workers/settings.ts'
import { aligned } from './alignment.ts'
import { type KeyChange, keyChanges } from './key-changes.ts'
import { type ListenerChanges, listenerChanges } from './listener-changes.ts'
import { isRecord, type Outline } from './outline.ts'

/** A block that both configurations have, and what is different in it. */
export interface UpdatedBlock {
  readonly kind: BlockKind
  readonly name: string
  readonly keys: readonly KeyChange[]
}

/** What a reload would do. */
export interface Differences {
  /** Of the new configuration. */
  readonly hash: string
  readonly unchanged: boolean
  readonly changed: ConfigChanges
  readonly updates: readonly UpdatedBlock[]
  readonly listeners: ListenerChanges
  /** Routers whose requests under way would be bounded. */
  readonly drained: readonly string[]
  /** For how long those may go on, in seconds. */
  readonly drainSecs: number
  readonly warnings: readonly string[]
}

type Config = Readonly<Record<string, unknown>>

/**
 * What a gateway with the first configuration would do if it were given the second one.
 * @param key That of both outlines.
 * @param workers How many processes do the work at present. Default: as the first one says.
 */
export function differencesOf(
  old: Outline,
  next: Outline,
  key: string,
  workers: number | undefined = readWorkerCount(old.config),
): Differences {
  // The shape of both is kept.
  const [before, known] = aligned(old.config, next.config, key) as [Config, Config]
  const after = withUnknown(known, before, next.unknown)
  const labelled = new Set([...old.labelled, ...next.labelled])
  const changed = compareBlocks(blockTextsOf(before, labelled), blockTextsOf(after, labelled))
  const updates = Object.entries(changed).flatMap(([kind, { updated }]) =>
    updated.map((name): UpdatedBlock => {
      // The keys of `ConfigChanges`.
      const block = kind as BlockKind
      const keys = keyChanges(blockOf(before, block, name), blockOf(after, block, name))
      return { kind: block, name, keys }
    }),
  )
  return {
    hash: next.hash,
    unchanged: isUnchanged(changed),
    changed,
    updates,
    listeners: listenerChanges(before, after),
    drained: drainedBy(changed, old.dependencies),
    drainSecs: Number(after['shutdown_timeout_secs']),
    warnings: [...warningsOf(before, after, updates, workers === 1)],
  }
}

/** What is not known is taken to be as it was. */
function withUnknown(after: Config, before: Config, unknown: Outline['unknown']): Config {
  const completed: Record<string, unknown> = { ...after }
  for (const [section, name] of unknown) {
    const block = valueOf(before[section], name)
    const blocks = completed[section]
    if (block === undefined) continue
    completed[section] = { ...(isRecord(blocks) && blocks), [name]: block }
  }
  return completed
}

function blockOf(config: Config, kind: BlockKind, name: string): unknown {
  if (kind !== 'sections') return valueOf(config[kind], name)
  const dot = name.indexOf('.')
  if (dot === -1) return config[name]
  return valueOf(config[name.slice(0, dot)], name.slice(dot + 1))
}

function valueOf(blocks: unknown, name: string): unknown {
  return isRecord(blocks) ? blocks[name] : undefined
}

function drainedBy(
  { routers, services, middlewares }: ConfigChanges,
  dependencies: Outline['dependencies'],
): string[] {
  const gone = new Set([
    ...[...routers.removed, ...routers.updated].map((name) => `routers/${name}`),
    ...[...services.removed, ...services.updated].map((name) => `services/${name}`),
    ...[...middlewares.removed, ...middlewares.updated].map((name) => `middlewares/${name}`),
  ])
  return Object.entries(dependencies)
    .filter(([router, blocks]) => [`routers/${router}`, ...blocks].some((id) => gone.has(id)))
    .map(([router]) => router)
    .toSorted()
}

function* warningsOf(
  before: Config,
  after: Config,
  updates: readonly UpdatedBlock[],
  alone: boolean,
): Iterable<string> {
  if (Object.keys(after['entrypoints'] ?? {}).length === 0) {
    yield 'nothing listens: there is no entrypoint'
  }
  if (alone && readWorkerCount(after) !== 1) yield '"workers" needs a restart'
  const plugins = updates.filter(
    ({ kind, name, keys }) =>
      kind === 'sections' &&
      name.startsWith('plugins.') &&
      keys.some(({ key }) => key !== 'version'),
  )
  for (const { name } of alone ? plugins : []) {
    yield `plugins "${name.slice('plugins.'.length)}" needs a restart; a reload is refused`
  }
  const rolled = plugins.length > 0 || ['workers', 'worker_timeout'].some((key) => differs(key))
  if (!alone && rolled) yield 'the workers are replaced one by one'

  function differs(key: string): boolean {
    return JSON.stringify(before[key]) !== JSON.stringify(after[key])
  }
}
