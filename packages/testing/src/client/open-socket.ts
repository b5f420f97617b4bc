import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { errors } from '../errors.ts'
import { loadOptional } from '../optional-packages.ts'
import { TestSocket } from './test-socket.ts'

/** What a WebSocket client says of itself. */
export interface WsInit {
  readonly headers?: Readonly<Record<string, string>>
  /** Subprotocols, the dearest first. */
  readonly protocols?: readonly string[]
  /** Where it comes in. Default: the first one. */
  readonly entrypoint?: string
}

/**
 * Opens a WebSocket. Throws GW_TESTING_SWITCH with the status of the answer if it is not let in, and
 * GW_TESTING_PACKAGE.
 */
export async function openSocket(port: number, target: string, init: WsInit): Promise<TestSocket> {
  const { WebSocket } = await loadOptional<typeof import('ws')>('ws', 'ws()')
  const url = new URL(target, `ws://127.0.0.1:${port}`)
  const { host } = url
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}${url.pathname}${url.search}`,
    [...(init.protocols ?? [])],
    { headers: { host, ...init.headers } },
  )
  const refused = Promise.withResolvers<never>()
  socket.on('unexpected-response', (_, response: IncomingMessage) => {
    response.resume()
    socket.terminate()
    refused.reject(errors.GW_TESTING_SWITCH({ status: response.statusCode ?? 0 }))
  })
  const opened = new TestSocket(socket)
  await Promise.race([once(socket, 'open'), refused.promise])
  return opened
}
