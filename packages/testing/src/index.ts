/**
 * Test kit for gateways and plugins: mounted middlewares, real gateways, upstreams and clients that
 * misbehave when told to. Works with any test runner.
 *
 * @module
 */
export type { Datagram } from './client/datagrams.ts'
export type { WsInit } from './client/open-socket.ts'
export { type ConnectOptions, connect, RawClient, type ResponseTo } from './client/raw-client.ts'
export { RawResponse, type ResponseHead } from './client/raw-response.ts'
export { type RequestInit, request, requestBytes } from './client/request.ts'
export type { TestSocket, WsEnd, WsMessage } from './client/test-socket.ts'
export type { UdpClient } from './client/udp-client.ts'
export type { ClockStart, TestClock } from './clock/fake-clock.ts'
export type { ComponentCases, PluginContract } from './contract/plugin-contract.ts'
export {
  type CheckGroup,
  contractChecks,
  runPluginContract,
} from './contract/run-plugin-contract.ts'
export type { TestRunner } from './contract/test-runner.ts'
export type { CallLog } from './fakes/call-log.ts'
export type { FakeUpstream } from './fakes/fake-upstream.ts'
export { fakeUpstream } from './fakes/fake-upstreams.ts'
export type {
  GrpcAnswer,
  GrpcCall,
  GrpcFake,
  GrpcHandler,
  GrpcMethods,
  GrpcReply,
  GrpcServices,
} from './fakes/grpc-fake.ts'
export type {
  HttpAnswer,
  HttpBehaviour,
  HttpFake,
  HttpFakeOptions,
  HttpHandler,
  HttpReply,
} from './fakes/http-fake.ts'
export type {
  Http2Answer,
  Http2Behaviour,
  Http2Call,
  Http2Fake,
  Http2Handler,
  Http2Reply,
} from './fakes/http2-fake.ts'
export type { Open } from './fakes/listening-fake.ts'
export type { MemoryFake } from './fakes/memory-fake.ts'
export type { TcpCall, TcpFake, TcpHandler } from './fakes/tcp-fake.ts'
export type { UdpFake, UdpHandler } from './fakes/udp-fake.ts'
export type { WsCall, WsFake, WsHandler } from './fakes/ws-fake.ts'
export {
  type AroundMiddleware,
  type AroundPool,
  gatewayFile,
  type PoolServer,
  poolFile,
} from './gateway/gateway-file.ts'
export type { LaunchOptions, TestConfig } from './gateway/launch.ts'
export { type StartOptions, startGateway, type TestGateway } from './gateway/start-gateway.ts'
export type { GrpcMetadata } from './grpc/grpc-call.ts'
export type { Closable, GrpcClientClass, GrpcInit, GrpcOutcome } from './grpc/grpc-client.ts'
export { type CreateOptions, createTestGateway, type TestBench } from './kit/create-test-gateway.ts'
export type { FetchInit } from './kit/fetch.ts'
export { type HclValue, hcl } from './kit/hcl.ts'
export type { InjectInit, InjectTls } from './kit/inject.ts'
export type { Labels, MetricReader } from './kit/metric-reader.ts'
export type { PluginInput, PluginWithOptions } from './kit/plugin-input.ts'
export type { StreamedResponse } from './kit/streamed-response.ts'
export type { FakesByService } from './kit/wiring.ts'
export type { SendInit } from './memory/memory-clients.ts'
export {
  type MemoryInterim,
  MemoryRequest,
  MemoryResponse,
  type MemoryResponseParts,
} from './memory/memory-message.ts'
export type { MemoryFailure, MemoryReply, Outcome, Script } from './memory/memory-script.ts'
export { MemoryUpstream, type Terminal } from './memory/memory-upstream.ts'
export {
  type MountedMiddleware,
  type MountOptions,
  mountMiddleware,
  type Owner,
  type WrittenOptions,
} from './mount/mount-middleware.ts'
export {
  type FeatureMountOptions,
  type MountedFeature,
  memoryServers,
  mountServiceFeature,
} from './mount/mount-service-feature.ts'
export { type RecordedFigures, recordFigures } from './recorded-figures.ts'
export { type LogEntry, type RecordedLogs, recordLogs } from './recorded-logs.ts'
export { type CertificateFiles, certificateFiles } from './tls/certificate-files.ts'
export {
  type TestCertificate,
  type TestCertificateInit,
  testCertificate,
} from './tls/test-certificate.ts'
export { deadUrl } from './upstream/dead-url.ts'
export {
  after,
  closeAfterHead,
  closeBeforeResponse,
  type DripOptions,
  drip,
  early,
  endAfter,
  hang,
  malformed,
  raw,
  resetAfter,
  type Until,
  unread,
  withExtra,
} from './upstream/faults.ts'
export {
  chunked,
  closeDelimited,
  type InterimHead,
  interim,
  type Pieces,
  Reply,
  reply,
  switching,
  type UpstreamExchange,
} from './upstream/reply.ts'
export {
  type Behaviour,
  type Chooser,
  startUpstream,
  Upstream,
  type UpstreamOptions,
} from './upstream/upstream.ts'
export { UpstreamRequest } from './upstream/upstream-request.ts'
export type { FieldsInit } from './wire/fields.ts'
export type { HttpVersion, MessageHead, RequestLine } from './wire/head.ts'
export { ReceivedMessage } from './wire/received-message.ts'
export type { Ending } from './wire/socket-reader.ts'
