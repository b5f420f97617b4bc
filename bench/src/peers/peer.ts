import type { Certificate } from '../certificate.ts'
import type { Command } from '../process/child.ts'

/** What a candidate must do besides proxying HTTP/1.1 in cleartext. */
export type Feature = 'tls' | 'http2' | 'http2-upstream' | 'websocket'

/** What a candidate has to do in a scenario. */
export interface ProxyTask {
  /** Where it has to listen, on the loopback address. */
  readonly port: number
  readonly upstreamPort: number
  /** Its own, for configuration and whatever it writes. */
  readonly folder: string
  /** Routers to choose from by host; {@link hostOf} says which. With 1, every host is served. */
  readonly routers: number
  /** Bodies are large: pieces of 256 KiB and no buffering of whole bodies. */
  readonly bulk: boolean
  /** How many processor cores it has, if they can be given to it. */
  readonly cores: 1 | 2
  /** Connections from clients at the same time. */
  readonly connections: number
  readonly needs: readonly Feature[]
  /** Given if `needs` has `tls`. */
  readonly certificate?: Certificate
}

/** Which program it is, or why it cannot take part. */
export type Found = { readonly version: string } | { readonly missing: string }

/** A proxy that can be measured. */
export interface Peer {
  /** As `--candidate` names it. */
  readonly name: string
  /** For tables: the program and what is special about this set-up. */
  readonly title: string
  find(): Promise<Found>
  /** Writes its configuration and returns what is to be started. */
  prepare(task: ProxyTask): Promise<Command>
  /** Why it cannot do the task that was prepared last, if it says so itself. */
  refuses?(task: ProxyTask): Promise<string | undefined>
}

/** The host of a router. */
export function hostOf(router: number): string {
  return `app-${router}.example.com`
}

/** The hosts of all routers of a task. */
export function hostsOf({ routers }: ProxyTask): readonly string[] {
  return Array.from({ length: routers }, (_, index) => hostOf(index))
}
