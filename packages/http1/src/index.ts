/**
 * The HTTP/1.1 wire engine.
 *
 * @module
 */
export type { Accepted } from './accepted.ts'
export {
  forbiddenTrailerKinds,
  maxChunkHeaderBytes,
  writeChunk,
  writeChunkEnd,
  writeChunkHeader,
  writeLastChunk,
} from './body/chunk-writer.ts'
export { ChunkedDecoder, type ChunkSink } from './body/chunked-decoder.ts'
export {
  type BodyFraming,
  Framing,
  requestFraming,
  responseFraming,
} from './body/framing.ts'
export { connectOnce } from './client/connect-once.ts'
export { type ConnectHost, Connecting } from './client/connecting.ts'
export { type Dialer, dialTcp, plainDialer } from './client/dialer.ts'
export type { PipelineSettings } from './client/pipeline/pipeline-settings.ts'
export { PipelinedPool } from './client/pipeline/pipelined-pool.ts'
export { type CallBearer, UpstreamCall } from './client/upstream-call.ts'
export { UpstreamOrigin } from './client/upstream-origin.ts'
export { UpstreamPool } from './client/upstream-pool.ts'
export type { ClientEnvironment, UpstreamSettings } from './client/upstream-settings.ts'
export { composeRequest, composeResponse } from './compose/compose.ts'
export { HeaderBlock } from './compose/header-block.ts'
export { RequestPlan, ResponsePlan } from './compose/plan.ts'
export { noRoom, writeField } from './compose/write-field.ts'
export { connectError } from './connect-error.ts'
export { Deadlines, type DeadlinesOptions, type Timed } from './deadlines.ts'
export { errors, requestError, responseError } from './errors.ts'
export {
  describeFault,
  Fault,
  type FaultDetail,
  faultDetails,
  http2Preface,
  incomplete,
} from './faults.ts'
export { FieldSection } from './head/field-section.ts'
export { Head, TargetForm } from './head/head.ts'
export { HeadPool, type HeadPoolOptions } from './head/head-pool.ts'
export { HeadReader, type ParseHead } from './head/head-reader.ts'
export { parseRequestHead, parseResponseHead, parseTrailers } from './head/parse.ts'
export { Io, type IoChoice, type IoMode, ioChoices, type OnAccepted } from './io.ts'
export { defaultLimits, type Http1Limits } from './limits.ts'
export { listenAt, OpenConnections } from './listener.ts'
export { type ClientPace, paceFor } from './server/client-pace.ts'
export { errors as serverErrors } from './server/errors.ts'
export { receivedHeadOf } from './server/response-head.ts'
export { ServerConnection } from './server/server-connection.ts'
export type { ServerHost } from './server/server-host.ts'
export { WireRequestHead } from './server/wire-request-head.ts'
export { chosenIo, prepareSharedIo, prepareSharedTls, sharedDeadlines, sharedIo } from './shared.ts'
export { isAuthority } from './syntax/authority.ts'
export {
  forwardedKinds,
  hopByHopKinds,
  Kind,
  type KindSet,
  kindOf,
  kindSet,
  protectedKinds,
} from './syntax/kinds.ts'
export { Method, methodName, methodOf } from './syntax/methods.ts'
export { reasonOf, statusLine } from './syntax/statuses.ts'
export { resetSocket } from './wire/reset-socket.ts'
export type { Wire, WireHandler } from './wire/wire.ts'
export { WireHeaders } from './wire-headers.ts'
