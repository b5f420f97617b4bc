/**
 * That a package.json says what a plugin does, so that tools need not execute it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import type { Plugin } from '@gatewright/kernel'
import { type Check, mustHold } from '../conformance/check.ts'
import type { Component } from './component.ts'
import type { PluginContract } from './plugin-contract.ts'

type Manifest = Readonly<Record<string, unknown>>

/** None without a package.json. */
export function manifestChecks(
  plugin: Plugin,
  components: readonly Component[],
  given: PluginContract['packageJson'],
): readonly Check[] {
  if (given === undefined) return []
  const check = (name: string, run: (manifest: Manifest) => void): Check => ({
    name,
    run: async () => run(await manifestOf(given)),
  })
  return [
    check('has a package that is called a plugin', isCalledOne),
    check('takes the kernel of its user', takesKernel),
    check('can be found by any tool', canBeFound),
    check('says in its package.json what it registers', (m) => saysWhat(m, plugin, components)),
  ]
}

async function manifestOf(given: string | URL | Manifest): Promise<Manifest> {
  if (typeof given !== 'string' && !(given instanceof URL)) return given
  const read: unknown = JSON.parse(await readFile(given, 'utf8'))
  return record(read)
}

function isCalledOne({ name, keywords }: Manifest): void {
  const pattern = /^(?:@gatewright\/plugin-|(?:@[^/]+\/)?gatewright-plugin-)[a-z0-9-]+$/
  const isNamed = typeof name === 'string' && pattern.test(name)
  mustHold(isNamed, `the package is called "${String(name)}"; expected "gatewright-plugin-<name>"`)
  const isTagged = Array.isArray(keywords) && keywords.includes('gatewright-plugin')
  mustHold(isTagged, '"keywords" lack "gatewright-plugin"')
}

function takesKernel({ dependencies, peerDependencies }: Manifest): void {
  const kernel = '@gatewright/kernel'
  const isOwn = Object.hasOwn(record(dependencies), kernel)
  mustHold(!isOwn, `"${kernel}" is a dependency, which makes a second copy; expected a peer`)
  const isPeer = Object.hasOwn(record(peerDependencies), kernel)
  mustHold(isPeer, `"peerDependencies" lack "${kernel}"`)
}

function canBeFound({ exports: exported }: Manifest): void {
  const main = record(exported)['.'] ?? exported
  const isOpen = typeof main === 'string' || Object.hasOwn(record(main), 'default')
  mustHold(isOpen, '"exports" have no "default" for "."')
  const own = record(exported)['./package.json']
  mustHold(own === './package.json', '"exports" lack "./package.json"')
}

function saysWhat(manifest: Manifest, plugin: Plugin, components: readonly Component[]): void {
  const { apiVersion, kinds, provides } = record(manifest['gatewright'])
  const version = plugin.apiVersion ?? 1
  mustHold(
    apiVersion === version,
    `"gatewright.apiVersion" is ${String(apiVersion)}; expected ${version}`,
  )
  const registered = new Map<string, string[]>()
  for (const { kind, type } of components) {
    registered.set(kind, [...(registered.get(kind) ?? []), type].toSorted())
  }
  const expected = [...registered.keys()].toSorted()
  const said = textsOf(kinds)
    .filter((kind) => kind !== 'hook')
    .toSorted()
  mustHold(
    said.join() === expected.join(),
    `"gatewright.kinds" are [${said.join(', ')}]; expected [${expected.join(', ')}]`,
  )
  for (const kind of new Set([...Object.keys(record(provides)), ...expected])) {
    const types = textsOf(record(provides)[kind]).toSorted()
    const wanted = registered.get(kind) ?? []
    mustHold(
      types.join() === wanted.join(),
      `"gatewright.provides" has ${kind} [${types.join(', ')}]; expected [${wanted.join(', ')}]`,
    )
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function record(value: unknown): Manifest {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? Object(value) : {}
}
