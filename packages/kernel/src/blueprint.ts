/**
 * A configuration that was understood and not built yet: each block with its factory and options.
 *
 * @module
 */
import type { BlockTexts } from './block-texts.ts'
import type { ConfigPath, GatewayConfig } from './config.ts'
import type { EndpointTarget } from './endpoint-pool.ts'
import type { MiddlewareFactory } from './middleware.ts'
import type { RegisteredSection } from './plugin-host.ts'
import type { EntrypointFeatureFactory, ListenAddress, ProtocolFactory } from './protocol.ts'
import type { ProviderFactory } from './provider.ts'
import type { Route, RoutingFactory } from './routing.ts'
import type { AnyTransportFactory, BalancerFactory, ServiceFeatureFactory } from './service.ts'
import type { ConfigWarning } from './stand-ins.ts'

/** A factory with the options of one block, validated. */
export interface Planned<F> {
  readonly factory: F
  readonly options: unknown
}

/** What the keys say that every middleware has. */
export interface CommonKeys {
  readonly skip_paths: readonly string[]
  readonly scope: 'definition' | 'router'
  readonly dry_run: boolean
}

/** An understood `entrypoints` block. */
export interface EntrypointPlan extends Planned<ProtocolFactory> {
  readonly name: string
  /** Where its block stands, which has the key `address`. */
  readonly path: ConfigPath
  readonly address: ListenAddress
  readonly addressText: string
  /** Where its relative paths begin. */
  readonly folder: string
  readonly features: readonly Planned<EntrypointFeatureFactory>[]
}

/** An understood `middlewares` block. */
export interface MiddlewarePlan extends Planned<MiddlewareFactory> {
  readonly name: string
  readonly common: CommonKeys
}

/** An understood `services` block. */
export interface ServicePlan {
  readonly name: string
  readonly targets: readonly EndpointTarget[]
  readonly balancer: Planned<BalancerFactory>
  readonly transports: readonly Planned<AnyTransportFactory>[]
  readonly features: readonly Planned<ServiceFeatureFactory>[]
}

/** An understood `routers` block. */
export interface RouterPlan {
  readonly name: string
  readonly rule: string
  readonly priority: number
  readonly service: string
  readonly middlewares: readonly string[]
  /** True if it names no entrypoints. */
  readonly everywhere: boolean
  /** Resolved: never empty. */
  readonly entrypoints: readonly string[]
  readonly kind: Route['kind']
  /** Of the entrypoints. */
  readonly network: ProtocolFactory['network']
}

/** An understood section of a plugin. */
export interface SectionPlan {
  readonly section: RegisteredSection
  /** `undefined` for a section without labels. */
  readonly label: string | undefined
  readonly options: unknown
}

/** An understood block in `providers`. */
export interface ProviderPlan extends Planned<ProviderFactory> {
  /** How long a start waits for what it contributes. */
  readonly syncTimeoutMs: number
}

/** A configuration that was understood: everything is named, checked and has its factory. */
export interface Blueprint {
  readonly config: GatewayConfig
  /** Names of the plugins that take part. */
  readonly plugins: ReadonlySet<string>
  readonly entrypoints: readonly EntrypointPlan[]
  /** Those of sections. */
  readonly listeners: readonly EntrypointPlan[]
  readonly middlewares: readonly MiddlewarePlan[]
  readonly services: readonly ServicePlan[]
  readonly routers: readonly RouterPlan[]
  readonly routing: Planned<RoutingFactory> | undefined
  readonly sections: readonly SectionPlan[]
  readonly providers: readonly ProviderPlan[]
  /** To see what differs between two of them. */
  readonly texts: BlockTexts
  /** The same for equal configurations. */
  readonly hash: string
  /** Router → blocks that its exchanges depend on, besides its own: `services/api`. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  /** Router → text that differs if anything differs that its exchanges depend on. */
  readonly signatures: ReadonlyMap<string, string>
  /** What can hardly be meant, or will not be understood for ever. */
  readonly warnings: readonly ConfigWarning[]
  /** Where relative paths begin that stand in the block at `path`; absolute. */
  folderOf(path: ConfigPath): string
  /** True if a value must not be shown, because it came from outside, such as the environment. */
  isSecret(path: ConfigPath): boolean
}
