import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from '../process/child.ts'
import type { Found, Peer, ProxyTask } from './peer.ts'

/** What differs between proxies that are Node programs of a few lines. */
export interface NodePeer {
  readonly name: string
  readonly title: string
  /** The package that does the work; without one it is what Node brings. */
  readonly package?: string
}

/** A proxy made with a package from npm; its program is `servers/NAME.ts`. */
export function defineNodePeer({ name, title, package: source }: NodePeer): Peer {
  return {
    name,
    title,

    async find(): Promise<Found> {
      return { version: source === undefined ? process.version : readPackageVersion(source) }
    },

    async prepare({ port, upstreamPort, certificate }: ProxyTask): Promise<Command> {
      const program = fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url))
      const files = certificate === undefined ? [] : [certificate.certificate, certificate.key]
      return {
        file: process.execPath,
        args: [program, String(port), String(upstreamPort), ...files],
        // Several of them log, or check more, unless told that this is meant.
        env: { NODE_ENV: 'production' },
      }
    },
  }
}

/** Read from the folder, since not every package lets its manifest be resolved. */
function readPackageVersion(source: string): string {
  const manifest = new URL(`../../node_modules/${source}/package.json`, import.meta.url)
  const { version }: { version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'))
  return String(version)
}
