/**
 * `management` block: a listener of its own that tells how the gateway does, and takes orders.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { count } from './counts.ts'
import { managementProtocol } from './management-protocol.ts'
import { type ManagementOptions, schema } from './options.ts'
import { obeyPeers } from './overrides.ts'
import { answerPeers } from './process-state.ts'

export {
  type CertificateAnswer,
  certificatesOf,
  type UnreadableCertificate,
} from './answers/certificates.ts'
export { type EntrypointAnswer, entrypointsOf } from './answers/entrypoints.ts'
export {
  type ChosenRouter,
  type ExplainedRequest,
  type ExplainedRouter,
  type Explanation,
  explain,
} from './answers/explain.ts'
export { type HealthAnswer, healthOf } from './answers/health.ts'
export { type MiddlewareAnswer, middlewaresOf } from './answers/middlewares.ts'
export {
  type PassedStep,
  type PipelineAnswer,
  pipeline,
  type TapsAnswer,
  taps,
} from './answers/pipeline.ts'
export { type PluginAnswer, pluginsOf } from './answers/plugins.ts'
export { type ProviderAnswer, providersOf } from './answers/providers.ts'
export type { RouteQuestion } from './answers/question.ts'
export { type RouteAnswer, routesOf } from './answers/routes.ts'
export {
  type BackendAnswer,
  backendsOf,
  type ServerAnswer,
  type ServiceAnswer,
  servicesOf,
} from './answers/services.ts'
export { type SnapshotAnswer, snapshotOf } from './answers/snapshot.ts'
export { type StatusAnswer, type StatusHealth, statusOf } from './answers/status.ts'
export {
  type RouterTraffic,
  type ServerTraffic,
  type ServiceTraffic,
  type Totals,
  type TrafficAnswer,
  trafficOf,
} from './answers/traffic.ts'
export { type VersionAnswer, versionOf } from './answers/version.ts'
export type { RouterCounts } from './counts.ts'
export type { ManagementOptions } from './options.ts'
export type { Override } from './overrides.ts'
export {
  answerPeers,
  type EndpointState,
  ownState,
  type ProcessState,
  processesOf,
  statesOf,
  totalsOf,
} from './process-state.ts'

const name = '@gatewright/plugin-management'

export default definePlugin({
  name,
  setup(gateway) {
    const { running, hooks } = gateway
    const protocol = managementProtocol(running)
    count(hooks, name)
    gateway.section<ManagementOptions, undefined>({
      type: 'management',
      labelled: false,
      schema,
      listeners: (options) =>
        options.enabled ? [{ address: options.address, protocol, options }] : [],
      create(_options, scope) {
        scope.keep('management:answers', () => answerPeers(running))
        scope.keep('management:orders', () => obeyPeers(running))
        return undefined
      },
    })
  },
})
