import type { Socket } from 'node:net'
import { type ConnectHost, Connecting, type Dialer, UpstreamOrigin } from '@gatewright/http1'
import {
  type Attempt,
  type Exchange,
  type GatewayError,
  type Interruptible,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { deadlines, keepAliveMs } from './environment.ts'

/**
 * Connects to a server, for as long as the exchange is wanted. The socket is paused.
 * Rejects with the error of the dialer, GW_UPSTREAM_CONNECT_TIMEOUT, or why the exchange was aborted.
 */
export async function connectFor(
  exchange: Exchange,
  attempt: Attempt,
  dialer: Dialer,
  timeoutMs: number,
): Promise<Socket> {
  const { url } = attempt.endpoint
  const endpoint = url.href
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const host: ConnectHost = {
    onConnected: (made, socket) => {
      attempt.waitedMs = made.tookMs
      attempt.connectMs = attempt.waitedMs
      // Whoever takes it finds it closed if it breaks on the way there.
      resolve(socket.on('error', ignore).setKeepAlive(true, keepAliveMs))
    },
    onConnectFailed: (_connecting, error) => reject(dialer.failure(endpoint, error)),
    onConnectExpired: () =>
      reject(kernelErrors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint, timeoutMs })),
  }
  const connecting = new Connecting(host, new UpstreamOrigin(url), dialer, timeoutMs, deadlines)
  const interruptible: Interruptible = {
    interrupt: (error: GatewayError) => {
      connecting.cancel()
      reject(error)
    },
  }
  exchange.interruptible = interruptible
  try {
    return await promise
  } finally {
    if (exchange.interruptible === interruptible) exchange.interruptible = undefined
  }
}

function ignore(): void {
  // Why it failed is known; a socket without a listener would end the process.
}
