import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { run } from './command.ts'
import type { Package } from './workspace.ts'

/** A registry of packages that no other one has yet. */
export interface PackageRegistry extends AsyncDisposable {
  readonly url: string
}

/** Serves packed packages on a port of its own, so that they install as if they were published. */
export async function serveTarballs(
  tarballs: ReadonlyMap<Package, string>,
): Promise<PackageRegistry> {
  const files = new Map([...tarballs.values()].map((file) => [basename(file), file]))
  const documents = new Map<string, object>()
  const server = createServer(({ url = '/', headers }, response) => {
    const path = decodeURIComponent(url.slice(1))
    const file = files.get(basename(path))
    const document = documents.get(path)
    if (file !== undefined) response.end(readFileSync(file))
    else if (document !== undefined) sendJson(response, document)
    else response.writeHead(404).end(`no ${path} for ${headers['user-agent'] ?? 'anybody'}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  for (const [{ manifest }, file] of tarballs) {
    documents.set(manifest.name, await describe(file, `${url}/${basename(file)}`))
  }
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
  }
  return { url, [Symbol.asyncDispose]: close }
}

/** What a registry says of a package that has one version. */
async function describe(file: string, tarball: string): Promise<object> {
  const text = await run('tar', ['-xzOf', file, 'package/package.json'])
  // As packed, with real version numbers in place of those of the workspace.
  const manifest = JSON.parse(text) as { readonly name: string; readonly version: string }
  const { name, version } = manifest
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  const release = { ...manifest, dist: { tarball, integrity } }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: release } }
}

function sendJson(response: ServerResponse, value: object): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}
