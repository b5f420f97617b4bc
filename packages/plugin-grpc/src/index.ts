/**
 * gRPC: calls are bounded by their deadlines and end with a status whatever happens, and those of
 * browsers (gRPC-Web) reach servers of gRPC.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { grpcDialect } from './grpc-dialect.ts'
import { grpcTransport } from './grpc-transport.ts'
import { grpcWeb } from './web/grpc-web.ts'

export { grpcStatus } from './call.ts'
export { grpcDialect } from './grpc-dialect.ts'
export { grpcTransport } from './grpc-transport.ts'
export type { GrpcWebOptions } from './options.ts'
export type { GrpcStatus } from './status.ts'
export { grpcWeb } from './web/grpc-web.ts'

export default definePlugin({
  name: '@gatewright/plugin-grpc',
  setup(gateway) {
    gateway.dialects.register(grpcDialect(gateway.log))
    gateway.transports.register(grpcTransport)
    gateway.middlewares.register(grpcWeb)
  },
})
