import type { Socket } from 'node:net'
import { sharedDeadlines } from '../shared.ts'
import { Connecting } from './connecting.ts'
import type { Dialer } from './dialer.ts'
import type { UpstreamOrigin } from './upstream-origin.ts'

/**
 * Makes a connection of its own, for whoever needs one now and then, such as a probe. It is paused.
 * Rejects with the dialer's error, or with the reason of the signal.
 */
export async function connectOnce(
  origin: UpstreamOrigin,
  dialer: Dialer,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const host = {
    onConnected: (_connecting: Connecting, socket: Socket) => resolve(socket),
    onConnectFailed: (_connecting: Connecting, error: Error) =>
      reject(dialer.failure(origin.text, error)),
    // The signal says when it has taken too long.
    onConnectExpired: () => undefined,
  }
  const connecting = new Connecting(host, origin, dialer, 0, sharedDeadlines)
  const giveUp = (): void => {
    connecting.cancel()
    reject(signal.reason)
  }
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
