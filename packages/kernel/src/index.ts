/**
 * The Gatewright microkernel: hooks, registries, chains and snapshots. It opens no socket, parses
 * no configuration file and knows no feature by name.
 *
 * @module
 */
export { ActiveValues, type FindValue } from './active-values.ts'
export { tryAddress } from './address.ts'
export { type Awaitable, Completion, isThenable } from './awaitable.ts'
export {
  type BlockChanges,
  type BlockKind,
  type BlockTexts,
  blockTextsOf,
  type ConfigChanges,
  compareBlocks,
  isUnchanged,
} from './block-texts.ts'
export type {
  Blueprint,
  CommonKeys,
  EntrypointPlan,
  MiddlewarePlan,
  Planned,
  ProviderPlan,
  RouterPlan,
  SectionPlan,
  ServicePlan,
} from './blueprint.ts'
export {
  type Body,
  type BodySink,
  type BodySource,
  BytesSource,
  isBodySource,
  sourceOf,
} from './body.ts'
export { PassingStage } from './body-stages.ts'
export { canonicalJson } from './canonical.ts'
export { type ChainLink, compileChain } from './chain.ts'
export type {
  ConfigDocument,
  ConfigPath,
  ConfigProblem,
  EntrypointConfig,
  GatewayConfig,
  GatewayConfigInput,
  MiddlewareConfig,
  Report,
  RouterConfig,
} from './config.ts'
export { configSchema } from './config-schema.ts'
export type { ClientCertificate, Connection } from './connection.ts'
export { kernelCopies } from './copies.ts'
export type { Dialect, DialectFactory } from './dialect.ts'
export type { EndpointTarget } from './endpoint-pool.ts'
export { asGatewayError, errors } from './errors.ts'
export { ContextKey, Exchange, type Interruptible, StreamContext } from './exchange.ts'
export type { Extension } from './extensions.ts'
export { type Figure, type FigureSample, figures } from './figure.ts'
export { ownFigures } from './figure-check.ts'
export { FollowedPool } from './followed-pool.ts'
export { Gateway } from './gateway.ts'
export {
  type AnyErrorKind,
  defineErrors,
  type ErrorCatalogue,
  type ErrorKind,
  type ErrorSource,
  GatewayError,
  type GatewayErrorOptions,
  isGatewayError,
  logLevelOf,
  problemOf,
} from './gateway-error.ts'
export type {
  GatewayOptions,
  GatewayState,
  ReloadOptions,
  Resumption,
  Understood,
} from './gateway-options.ts'
export { checkField, type FieldName, type Fields, HeaderList } from './headers.ts'
export { type GatewayHooks, type Refusal, Stage } from './hooks.ts'
export type { Inspected } from './inspection.ts'
export type { ReloadCounts, ReloadResult } from './kernel-figures.ts'
export type { BoundAddress } from './listeners.ts'
export type { ConfigInput } from './merged-config.ts'
export { Message } from './message.ts'
export {
  type Around,
  defineMiddleware,
  type FailurePolicy,
  type Filter,
  type Handler,
  type Middleware,
  type MiddlewareFactory,
  type Nothing,
  type PlacedMiddleware,
} from './middleware.ts'
export { nearest } from './nearest.ts'
export { type Noted, note, notes } from './notes.ts'
export {
  type GivenAnswer,
  LonePeers,
  type PeerAnswer,
  PeerAnswers,
  type Peers,
  type PeerTotals,
  type Survey,
  type TotalsOf,
} from './peers.ts'
export type {
  Pipeline,
  PlacedFeature,
  PlacedPart,
  PlacedType,
  ServicePipeline,
} from './pipeline.ts'
export {
  type AbsentPlugin,
  definePlugin,
  defineSection,
  type ExtensionKind,
  type ListedPlugin,
  type OwnListener,
  type Plugin,
  type PluginGateway,
  type PluginLoader,
  type PluginOrigin,
  type ProvidedTypes,
  type Registry,
  RegistryKey,
  type SectionFactory,
} from './plugin.ts'
export { checkPlugin } from './plugin-check.ts'
export type { RegisteredSection } from './plugin-host.ts'
export { problemResponse } from './problem.ts'
export {
  defineEntrypointFeature,
  defineProtocol,
  type EntrypointFeature,
  type EntrypointFeatureFactory,
  type Ingress,
  type ListenAddress,
  type ProtocolFactory,
  type ProtocolServer,
  type Refused,
} from './protocol.ts'
export {
  type ConfigPart,
  type Contribution,
  defineProvider,
  type LoadContext,
  type ProvidedKind,
  type Provider,
  type ProviderFactory,
  type ProviderProblem,
  type ProviderStatus,
  type ProviderSyncs,
  type RefusedPart,
} from './provider.ts'
export {
  type FailureDetails,
  logFailureRarely,
  logRarely,
  type RareLine,
} from './rare-lines.ts'
export { type Hide, redacted, redactedConfig } from './redaction.ts'
export { titleOfFactory } from './registry.ts'
export { logReport, type ReloadReport } from './reload-report.ts'
export {
  type Checkpoint,
  GatewayRequest,
  type HttpVersion,
  isIdempotent,
  type RequestHead,
  unreadRequest,
} from './request.ts'
export { ForkedContext, type Inform, RequestContext } from './request-context.ts'
export { GatewayResponse, type GatewayResponseInit } from './response.ts'
export {
  defineMatcher,
  type FindRoute,
  type HttpRoute,
  type MatcherFactory,
  type Route,
  type RouterEntry,
  type RouteVerdict,
  type RoutingFactory,
  type StreamRoute,
} from './routing.ts'
export type { RefusedConfig, ReloadOutcome, RunningGateway } from './running-gateway.ts'
export type {
  AnyOptions,
  ArraySchema,
  BlockSchema,
  BooleanSchema,
  BytesSchema,
  Deprecation,
  Described,
  DurationSchema,
  JsonSchema,
  MapSchema,
  NumberSchema,
  OptionsSchema,
  PropertySchema,
  ReferenceKind,
  StringSchema,
  SwitchSchema,
  Undescribed,
  ValueSchema,
} from './schema.ts'
export type { Scope } from './scope.ts'
export { withoutUrlSecrets } from './secret-url.ts'
export {
  type AnyTransport,
  type AnyTransportFactory,
  type Attempt,
  type AttemptObserver,
  type Balancer,
  type BalancerFactory,
  defineBalancer,
  defineServiceFeature,
  defineTransport,
  type Endpoint,
  type EndpointPool,
  type Service,
  type ServiceFeature,
  type ServiceFeatureFactory,
  type StreamTransport,
  type Transport,
  type TransportFactory,
  type Tunnel,
} from './service.ts'
export { SectionKey, type Snapshot } from './snapshot.ts'
export type { ConfigWarning } from './stand-ins.ts'
export type { Step, StepMeter, StepObserver, StepOutcome } from './steps.ts'
export type { StrayErrors } from './stray-errors.ts'
export { firstByteAt, noteFirstByte, passPiecesOn, timeFirstByte } from './streaming.ts'
export { hookNames, type PlacedTap, tapOrder } from './tap-order.ts'
export { tryBytes, tryDuration } from './units.ts'
export type { UpgradedStream, UpgradeFactory } from './upgrade.ts'
export { validateOptions } from './validation.ts'
export type { ExchangeWatch } from './watching.ts'
