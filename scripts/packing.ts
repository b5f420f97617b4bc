import { join } from 'node:path'
import { runPnpm } from './command.ts'
import { type Package, readPackages } from './workspace.ts'

/** Packs every package as for a release. Needs a finished build. Returns where its tarball is. */
export async function packAll(folder: string): Promise<ReadonlyMap<Package, string>> {
  await runPnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder])
  return new Map(readPackages().map((pkg) => [pkg, join(folder, tarballName(pkg))]))
}

function tarballName({ manifest: { name, version } }: Package): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}
