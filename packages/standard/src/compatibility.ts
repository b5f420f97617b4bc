/**
 * Whether a package is for this gateway: its kernel, its Node, its plugin contract.
 *
 * @module
 */
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type GatewayError, kernelCopies, errors as kernelErrors } from '@gatewright/kernel'
import semver from 'semver'
import { errors } from './errors.ts'
import { declarationOf, type Package, packageAround, textsIn, titleOf } from './manifest.ts'

const kernelName = '@gatewright/kernel'

/** The kernel of this gateway. */
const ownKernel: Package | undefined = kernelFrom(import.meta.dirname)

/** Everything that speaks against using a package, before it is loaded. */
export function incompatibilities(found: Package): GatewayError[] {
  const { manifest } = found
  const title = titleOf(found)
  const problems: GatewayError[] = []
  const apiVersion = declarationOf(manifest)?.['apiVersion']
  if (typeof apiVersion === 'number' && apiVersion !== 1) {
    problems.push(kernelErrors.GW_PLUGIN_API_VERSION({ name: title, version: apiVersion }))
  }
  const kernel = ownKernel?.manifest['version']
  const peer = textsIn(manifest, 'peerDependencies')[kernelName]
  if (peer !== undefined && typeof kernel === 'string' && !satisfies(kernel, peer)) {
    problems.push(errors.GW_PLUGIN_PEER({ title, wanted: peer, found: kernel }))
  }
  const node = textsIn(manifest, 'engines')['node']
  if (node !== undefined && !satisfies(process.versions.node, node)) {
    problems.push(errors.GW_PLUGIN_NODE({ title, wanted: node, found: process.versions.node }))
  }
  return problems
}

/**
 * GW_PLUGIN_DUPLICATE_KERNEL if a plugin that was loaded runs another kernel than the gateway.
 * @param file Of the plugin.
 */
export function secondKernel(file: string, title: string): GatewayError | undefined {
  const theirs = kernelFrom(dirname(file))
  if (theirs === undefined || ownKernel === undefined || theirs.root === ownKernel.root) {
    return undefined
  }
  // A plugin that only needs its types never loads it.
  const isLoaded = kernelCopies().some((copy) => copy.startsWith(`${theirs.root}/`))
  if (!isLoaded) return undefined
  const [own, other] = [ownKernel, theirs].map((copy) => `${titleOf(copy)} in ${copy.root}`)
  return errors.GW_PLUGIN_DUPLICATE_KERNEL({ title, own: own ?? '', other: other ?? '' })
}

/** True if a plugin with that kernel may still work: it has the same major version. */
export function isSameMajor(file: string): boolean {
  const [own, other] = [ownKernel, kernelFrom(dirname(file))].map((copy) =>
    semver.parse(String(copy?.manifest['version'])),
  )
  return own !== undefined && own?.major === other?.major
}

/** True for what is no range as well, such as `workspace:^`: nobody can tell. */
function satisfies(version: string, range: string): boolean {
  if (semver.validRange(range) === null) return true
  return semver.satisfies(version, range, { includePrerelease: true })
}

/** The kernel that code in a folder would import. */
function kernelFrom(folder: string): Package | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const root = join(at, 'node_modules', kernelName)
    if (existsSync(root)) return packageAround(realpathSync(root))
    if (dirname(at) === at) return resolvedKernel(folder)
  }
}

function resolvedKernel(folder: string): Package | undefined {
  try {
    const file = createRequire(join(folder, 'x.js')).resolve(`${kernelName}/package.json`)
    return packageAround(dirname(file))
  } catch {
    // There is none.
    return undefined
  }
}
