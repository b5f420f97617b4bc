/**
 * What the package.json of a plugin has to say, so that the package works for its users and tools
 * need not execute it.
 *
 * @module
 */
import {
  declarationOf,
  isPlugin,
  isRecord,
  type Manifest,
  providedBy,
  textsIn,
} from './manifest.ts'

/** What a plugin registers, as {@link ManifestRule} needs to know it. */
export interface Registered {
  readonly kind: string
  readonly type: string
}

/** Something that a package.json has to fulfil. */
export interface ManifestRule {
  /** A sentence about the package, without its subject. */
  readonly what: string
  /**
   * What is wrong, with the remedy; `undefined` if it is in order.
   * @param registered `undefined` if nobody knows.
   */
  readonly find: (
    manifest: Manifest,
    registered: readonly Registered[] | undefined,
  ) => string | undefined
}

const kernel = '@gatewright/kernel'
const apiVersion = 1

/** All rules, in the order in which they are told. */
export const manifestRules: readonly ManifestRule[] = [
  { what: 'has a name as plugins have', find: findName },
  { what: 'has the keyword by which plugins are found', find: findKeyword },
  { what: 'takes the kernel of its user, so that there is one only', find: findKernel },
  { what: 'can be imported and required by everybody', find: findEntry },
  { what: 'can be read by tools', find: findOwnEntry },
  { what: 'says in its package.json what it registers', find: findUntrue },
]

function findName({ name }: Manifest): string | undefined {
  const pattern = /^(?:@gatewright\/plugin-|(?:@[^/]+\/)?gatewright-plugin-)[a-z0-9][a-z0-9-]*$/
  if (typeof name === 'string' && pattern.test(name)) return undefined
  return `"name" is ${JSON.stringify(name)}; call it gatewright-plugin-… or @scope/gatewright-plugin-…`
}

function findKeyword(manifest: Manifest): string | undefined {
  return isPlugin(manifest) ? undefined : 'add "gatewright-plugin" to "keywords"'
}

function findKernel(manifest: Manifest): string | undefined {
  if (kernel in textsIn(manifest, 'dependencies')) {
    return `move "${kernel}" from "dependencies" to "peerDependencies"; else there are two`
  }
  const isPeer = kernel in textsIn(manifest, 'peerDependencies')
  return isPeer ? undefined : `add "${kernel}" to "peerDependencies"`
}

function findEntry({ type, exports: exported }: Manifest): string | undefined {
  if (type !== 'module') return 'add "type": "module"'
  const main = isRecord(exported) && '.' in exported ? exported['.'] : exported
  if (typeof main === 'string') return undefined
  if (!isRecord(main)) return 'add "exports": { ".": { "types": …, "default": … } }'
  if (main['default'] !== undefined) return undefined
  return 'the "exports" of "." need "default", which require() finds as well as import'
}

function findOwnEntry({ exports: exported }: Manifest): string | undefined {
  const own = isRecord(exported) ? exported['./package.json'] : undefined
  return own === './package.json'
    ? undefined
    : 'add "./package.json": "./package.json" to "exports"'
}

function findUntrue(
  manifest: Manifest,
  registered: readonly Registered[] | undefined,
): string | undefined {
  if (registered === undefined) return undefined
  const said = declarationOf(manifest)
  const provides = typesByKind(registered)
  const kinds = Object.keys(provides)
  // Those of a plugin that only taps hooks have no types.
  const expected = JSON.stringify({
    apiVersion,
    kinds: kinds.length === 0 ? ['hook'] : kinds,
    provides,
  })
  const differs =
    said === undefined ||
    said['apiVersion'] !== apiVersion ||
    !isSame(kindsIn(said), kinds) ||
    !isSame(namesIn(providedBy(manifest) ?? {}), namesIn(provides))
  if (!differs) return undefined
  const found = said === undefined ? 'is not there' : `is ${JSON.stringify(said)}`
  return `"gatewright" ${found}; expected "gatewright": ${expected}`
}

function kindsIn({ kinds }: Manifest): string[] {
  const said = Array.isArray(kinds) ? kinds.map((kind) => String(kind).replace(/[-_]/g, ' ')) : []
  return said.filter((kind) => kind !== 'hook')
}

function typesByKind(registered: readonly Registered[]): Record<string, string[]> {
  const types: Record<string, string[]> = {}
  for (const { kind, type } of registered) (types[kind] ??= []).push(type)
  return types
}

function namesIn(provides: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(provides).flatMap(([kind, types]) => types.map((type) => `${kind} ${type}`))
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.toSorted().join() === right.toSorted().join()
}
