import { readFileSync } from 'node:fs'

/** The version of this package; all packages have the same. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  // Every package.json that npm accepts has a version.
  const manifest = JSON.parse(text) as { readonly version: string }
  return manifest.version
}
