/** A server of gRPC whose methods are given by a test; messages are plain bytes. */

import type { TestCertificate } from '@gatewright/testing'
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js'

/** What the methods of the service `test.Echo` do; without one they send back what they get. */
export interface EchoMethods {
  readonly unary?: handleUnaryCall<Buffer, Buffer>
  readonly upload?: handleClientStreamingCall<Buffer, Buffer>
  readonly download?: handleServerStreamingCall<Buffer, Buffer>
  readonly chat?: handleBidiStreamingCall<Buffer, Buffer>
}

/** A server that listens. */
export interface EchoServer extends AsyncDisposable {
  readonly port: number
  /** How many calls have begun. */
  readonly calls: { count: number }
  readonly server: Server
}

const maxBytes = 64 * 1024 * 1024

/** Paths of the methods, by name. */
export const paths = {
  unary: '/test.Echo/Unary',
  upload: '/test.Echo/Upload',
  download: '/test.Echo/Download',
  chat: '/test.Echo/Chat',
} as const

const service: ServiceDefinition = {
  unary: method(paths.unary, false, false),
  upload: method(paths.upload, true, false),
  download: method(paths.download, false, true),
  chat: method(paths.chat, true, true),
}

/** Starts a server, over TLS if it is given a certificate. */
export async function startEcho(
  methods: EchoMethods = {},
  certificate?: TestCertificate,
): Promise<EchoServer> {
  const server = new Server({
    'grpc.max_receive_message_length': maxBytes,
    'grpc.max_send_message_length': maxBytes,
  })
  const calls = { count: 0 }
  const given: Record<string, UntypedHandleCall> = { ...echo, ...methods }
  const counted = Object.entries(given).map(([name, handle]) => [
    name,
    (...args: never[]): void => {
      calls.count++
      // Called as grpc-js calls it.
      ;(handle as (...given: never[]) => void)(...args)
    },
  ])
  server.addService(service, Object.fromEntries(counted))
  const credentials =
    certificate === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(certificate.cert), private_key: Buffer.from(certificate.key) },
        ])
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  return {
    port,
    calls,
    server,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  }
}

const echo: Required<EchoMethods> = {
  unary: (call, callback) => callback(null, call.request),
  upload: (call, callback) => {
    const pieces: Buffer[] = []
    call.on('data', (piece: Buffer) => pieces.push(piece))
    call.on('end', () => callback(null, Buffer.concat(pieces)))
  },
  download: (call) => {
    for (const piece of call.request.toString().split(' ')) call.write(Buffer.from(piece))
    call.end()
  },
  chat: (call) => {
    call.on('data', (piece: Buffer) => call.write(piece))
    call.on('end', () => call.end())
  },
}

function method(path: string, requestStream: boolean, responseStream: boolean) {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

function same(bytes: Buffer): Buffer {
  return bytes
}
