import type { Script } from '../memory/memory-script.ts'
import { GrpcFake, type GrpcMethods, type GrpcServices } from './grpc-fake.ts'
import { type HttpBehaviour, HttpFake, type HttpFakeOptions } from './http-fake.ts'
import { type Http2Behaviour, Http2Fake } from './http2-fake.ts'
import { MemoryFake } from './memory-fake.ts'
import { echoBytes, TcpFake, type TcpHandler } from './tcp-fake.ts'
import { UdpFake, type UdpHandler } from './udp-fake.ts'
import { WsFake, type WsHandler } from './ws-fake.ts'

/** Servers that a test puts behind services; all on free ports of the loopback address. */
export const fakeUpstream = {
  /** An HTTP/1.1 server. Default: 200 without a body. */
  http: (behaviour: HttpBehaviour = 200, options: HttpFakeOptions = {}): HttpFake =>
    new HttpFake(behaviour, options),
  /** A server of HTTP/2 without TLS. Default: 200 without a body. */
  http2: (behaviour: Http2Behaviour = 200): Http2Fake => new Http2Fake(behaviour),
  /**
   * A server without a socket, for the fake clock above all. Default: 200 without a body. Throws
   * GW_TESTING_SCRIPT for what is no script.
   */
  memory: (script: Script = 200): MemoryFake => new MemoryFake(script),
  /** A WebSocket server. Default: says everything back. Needs the package `ws`. */
  ws: (handler: WsHandler = (message) => message): WsFake => new WsFake(handler),
  /** A server of gRPC. Needs the package `@grpc/grpc-js`. */
  grpc: (methods: GrpcMethods, services: GrpcServices = []): GrpcFake =>
    new GrpcFake(methods, services),
  /** A TCP server. Default: says everything back. */
  tcp: (handler: TcpHandler = echoBytes): TcpFake => new TcpFake(handler),
  /** A UDP server. Default: says everything back. */
  udp: (handler: UdpHandler = ({ data }) => data): UdpFake => new UdpFake(handler),
} as const
