/**
 * What a reload did.
 *
 * @module
 */
import type { Logger } from 'pino'
import { blockKinds, type ConfigChanges, compareBlocks, isUnchanged } from './block-texts.ts'
import type { Blueprint } from './blueprint.ts'
import type { RegisteredSection } from './plugin-host.ts'

/** What a reload did, or what one would do. */
export interface ReloadReport {
  /** Of the configuration that is active now. */
  readonly version: number
  /** Of the configuration; the same for equal ones, in every process. */
  readonly hash: string
  /** True if it says what the one before said. It was built anew only if that was demanded. */
  readonly unchanged: boolean
  readonly changed: ConfigChanges
  /**
   * Routers whose exchanges under way have `shutdown_timeout_secs` to end, because something that
   * they depend on changed. Those of all other routers are not concerned.
   */
  readonly drained: readonly string[]
  /** What the new configuration says and a reload cannot do, among others. */
  readonly warnings: readonly string[]
  readonly durationMs: number
}

/** What follows from two configurations alone. */
export type Comparison = Pick<
  ReloadReport,
  'hash' | 'unchanged' | 'changed' | 'drained' | 'warnings'
>

/**
 * Compares a configuration with the one before it.
 * @param atStart What {@link restartValuesOf} the configuration said with which the process began.
 */
export function compareBlueprints(
  before: Blueprint,
  after: Blueprint,
  atStart: RestartValues,
): Comparison {
  const changed = compareBlocks(before.texts, after.texts)
  const { signatures } = before
  return {
    hash: after.hash,
    unchanged: isUnchanged(changed),
    changed,
    drained: [...signatures.keys()]
      .filter((router) => signatures.get(router) !== after.signatures.get(router))
      .toSorted(),
    warnings: [...warningsOf(after, atStart)],
  }
}

/** Tells of a reload in one line. */
export function logReport(report: ReloadReport, log: Logger): void {
  const message = report.unchanged ? 'configuration unchanged' : 'configuration reloaded'
  log[report.warnings.length === 0 ? 'info' : 'warn'](fieldsOf(report), message)
}

/** Kinds and lists with nothing in them are left out. */
function fieldsOf(report: ReloadReport): Readonly<Record<string, unknown>> {
  const { changed, drained, warnings, unchanged: _unchanged, durationMs: tookMs, ...rest } = report
  const kinds = blockKinds.flatMap((kind) => {
    const lists = Object.entries(changed[kind]).filter(([, names]) => names.length > 0)
    return lists.length === 0 ? [] : [[kind, Object.fromEntries(lists)] as const]
  })
  return {
    ...rest,
    ...(kinds.length > 0 && { changed: Object.fromEntries(kinds) }),
    ...(drained.length > 0 && { drained }),
    ...(warnings.length > 0 && { warnings }),
    tookMs,
  }
}

/** What stands in the sections that only a new process can apply. */
export type RestartValues = ReadonlyMap<RegisteredSection, unknown>

/** Taken from the configuration with which the process begins. */
export function restartValuesOf({ sections, config }: Blueprint): RestartValues {
  const concerned = sections.filter(({ section }) => section.factory.needsRestart !== undefined)
  return new Map(concerned.map(({ section }) => [section, config[section.type]]))
}

function* warningsOf(after: Blueprint, atStart: RestartValues): Iterable<string> {
  if (after.entrypoints.length === 0) yield 'nothing listens: there is no entrypoint'
  for (const section of new Set([...atStart.keys(), ...restartValuesOf(after).keys()])) {
    const { type, factory } = section
    if (factory.needsRestart?.(atStart.get(section), after.config[type]) === true)
      yield `"${type}" needs a restart`
  }
}
