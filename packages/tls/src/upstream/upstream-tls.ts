import { ContextKey, type Scope, type Service } from '@gatewright/kernel'
import { throwAll, tried } from '../failures.ts'
import { readAuthorities } from '../key-pair.ts'
import type { UpstreamTlsOptions } from './options.ts'
import { TlsDialer } from './tls-dialer.ts'
import { upstreamPlanOf } from './upstream-plan.ts'
import { UpstreamTrust } from './upstream-trust.ts'

/** How the servers of one service are reached over TLS. */
export interface UpstreamTls {
  /** Says everything that makes it another one, for keys of what is made with it. */
  readonly key: string
  /** Protocols that are to be offered, if the options say it. */
  readonly alpn: readonly string[] | undefined
  /**
   * Makes encrypted connections.
   * @param protocols What is offered by ALPN, the best first; empty for nothing.
   */
  dialer(protocols: readonly string[]): TlsDialer
  /** Gets ready what takes a while the first time, for which no request should wait. */
  prepare(): void
}

/** Where a service has it, for whoever else connects to its servers, such as health checks. */
export const upstreamTls: ContextKey<UpstreamTls> = new ContextKey('tls.upstream')

const schemes: ReadonlySet<string> = new Set(['https:', 'wss:', 'grpcs:', 'tls:'])

/** True if servers with such a URL are reached over TLS. */
export function isSecure({ protocol }: Pick<URL, 'protocol'>): boolean {
  return schemes.has(protocol)
}

/** The parts of a `Scope` that it needs. */
export type UpstreamTlsScope = Pick<Scope, 'resolvePath' | 'keep' | 'onActivate' | 'log'>

/**
 * How the servers of a service are reached over TLS: the same for all that ask. Outlives a reload
 * that keeps its options. Throws GW_TLS_…
 * @param options The block `upstream_tls`; without it, what usually holds.
 */
export function openUpstreamTls(
  options: UpstreamTlsOptions | undefined,
  service: Pick<Service, 'name' | 'get' | 'set'>,
  scope: UpstreamTlsScope,
): UpstreamTls {
  const known = service.get(upstreamTls)
  if (known !== undefined) return known
  const tls = openClientTls(options, scope, service.name)
  service.set(upstreamTls, tls)
  return tls
}

/**
 * The same for a server that no service has, such as one that a middleware asks.
 * @param owner Who shares its sessions with nobody else.
 */
export function openClientTls(
  options: UpstreamTlsOptions | undefined,
  scope: UpstreamTlsScope,
  owner: string = '',
): UpstreamTls {
  const failures: unknown[] = []
  const plan = upstreamPlanOf(options, scope, ['upstream_tls'], failures)
  if (failures.length > 0) {
    tried(failures, plan.authorities, readAuthorities)
    throwAll(failures)
  }
  const key = `upstream-tls:${owner}:${JSON.stringify(plan)}`
  const trust = scope.keep(key, () => new UpstreamTrust(plan, scope.log))
  scope.onActivate(() => trust.watch())
  const { serverName, insecure } = plan
  return {
    key,
    alpn: options?.alpn,
    dialer: (protocols) => new TlsDialer({ serverName, insecure }, () => trust.current, protocols),
    prepare: () => void trust.current,
  }
}
