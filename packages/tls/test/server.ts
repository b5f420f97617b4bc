import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type OptionsSchema, validateOptions } from '@gatewright/kernel'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import {
  type HandshakeFailure,
  openServerTls,
  type Secured,
  type ServerTls,
  type ServerTlsInit,
  type TlsOptions,
  tlsSchema,
} from '../src/index.ts'

interface Block {
  readonly tls: TlsOptions
}

const blockSchema: OptionsSchema<Block> = {
  type: 'object',
  additionalProperties: false,
  required: ['tls'],
  properties: { tls: tlsSchema },
}

/** TLS made of options as users write them. */
export interface OpenedTls extends AsyncDisposable {
  readonly tls: ServerTls
  readonly logs: RecordedLogs
}

/** Opens a block, active at once. @param folder Where relative paths begin. */
export function openTls(
  folder: string,
  written: unknown,
  init: ServerTlsInit & { readonly sharedSecret?: string } = {},
): OpenedTls {
  const { tls: options } = validateOptions(blockSchema, { tls: written })
  const logs = recordLogs()
  const kept: (Disposable | AsyncDisposable)[] = []
  const starts: (() => void)[] = []
  const tls = openServerTls(
    {
      log: logs.log,
      sharedSecret: init.sharedSecret,
      resolvePath: (path) => `${folder}/${path}`,
      keep: (_, create) => {
        const value = create()
        kept.push(value)
        return value
      },
      onActivate: (start) => starts.push(start),
      onDeactivate: () => undefined,
    },
    options,
    init,
  )
  for (const start of starts) start()
  return {
    tls,
    logs,
    [Symbol.asyncDispose]: async () => {
      for (const one of kept) {
        if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]()
        else one[Symbol.dispose]()
      }
    },
  }
}

/** A server that does nothing but handshakes. */
export interface HandshakeServer extends AsyncDisposable {
  readonly port: number
  readonly secured: Secured[]
  readonly failed: HandshakeFailure[]
}

/** Says `hello` to everybody who gets through. */
export async function serve(tls: ServerTls): Promise<HandshakeServer> {
  const secured: Secured[] = []
  const failed: HandshakeFailure[] = []
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket.on('close', () => open.delete(socket)))
    tls.handshake(socket, {
      onSecured: (one) => {
        secured.push(one)
        one.socket.on('error', () => undefined).on('end', () => one.socket.end())
        one.socket.resume()
        one.socket.write('hello')
      },
      onFailed: (failure) => {
        failed.push(failure)
        if (failure.cleartext !== undefined) socket.destroy()
      },
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    port,
    secured,
    failed,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What a client got to see. */
export interface Seen {
  /** Common name of the certificate. */
  readonly certificate?: string
  readonly alpn?: string
  readonly version?: string
  readonly said?: string
  readonly error?: string
}

/** Connects, waits for `hello`, or for what happens instead, and goes. */
export async function visit(port: number, options: ConnectionOptions): Promise<Seen> {
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  const seen = new Promise<Seen>((resolve) => {
    client.on('data', (said) => resolve({ ...seenBy(client), said: String(said) }))
    client.on('error', (error: Error & { code?: string }) =>
      resolve({ error: error.code ?? error.message }),
    )
    client.on('close', () => resolve({ error: 'closed' }))
  })
  const result = await seen
  if (!client.destroyed) client.end()
  if (!client.closed) await once(client, 'close')
  return result
}

function seenBy(client: TLSSocket): Seen {
  return {
    certificate: String(client.getPeerCertificate().subject?.CN),
    ...(client.alpnProtocol !== false &&
      client.alpnProtocol !== null && { alpn: client.alpnProtocol }),
    version: client.getProtocol() ?? '',
  }
}
