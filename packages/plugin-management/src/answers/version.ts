import { readFileSync } from 'node:fs'
import type { RunningGateway } from '@gatewright/kernel'

/** What runs. */
export interface VersionAnswer {
  readonly name: 'gatewright'
  readonly version: string
  /** Of these answers. */
  readonly api_version: 'v1'
  readonly node: string
  readonly plugins: readonly string[]
}

/** What runs. */
export function versionOf({ understood }: RunningGateway): VersionAnswer {
  return {
    name: 'gatewright',
    version,
    api_version: 'v1',
    node: process.versions.node,
    plugins: [...understood.blueprint.plugins].toSorted(),
  }
}

const version = readVersion()

/** All packages have the same. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  // Every package.json that npm accepts has a version.
  const manifest = JSON.parse(text) as { readonly version: string }
  return manifest.version
}
