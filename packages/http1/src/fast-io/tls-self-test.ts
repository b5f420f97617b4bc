import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import {
  type CommonConnectionOptions,
  connect,
  createServer,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import { portOf } from '../accepted.ts'
import { type FastTlsWire, fastTlsWire } from './fast-tls-wire.ts'
import { runTrial, tryWire } from './wire-trial.ts'

/** A key that both sides know makes a handshake without certificates. */
const psk = Buffer.alloc(32, 1)
const handshake = {
  ciphers: 'PSK-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256',
  maxVersion: 'TLSv1.3',
} satisfies SecureContextOptions & CommonConnectionOptions

/**
 * Tries on pairs of sockets of its own everything that fast wires over TLS depend on.
 * @returns What does not work; `undefined` if all of it does.
 */
export function testFastTls(): Promise<string | undefined> {
  return runTrial(async (sockets) => {
    const [wire, peer] = await connectPair(sockets)
    if (wire === undefined) return 'sockets with TLS have no handle of the expected kind'
    await tryWire(wire, peer)
    return undefined
  })
}

async function connectPair(
  sockets: Socket[],
): Promise<[wire: FastTlsWire | undefined, peer: Socket]> {
  const server = createServer({ ...handshake, pskCallback: () => psk, allowHalfOpen: true })
  const { promise: accepted, resolve, reject } = Promise.withResolvers<FastTlsWire | undefined>()
  server.on('secureConnection', (socket) => {
    sockets.push(socket)
    resolve(fastTlsWire(socket))
  })
  server.on('tlsClientError', reject)
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const peer = connectTo(portOf(server))
    sockets.push(peer)
    const [wire] = await Promise.all([accepted, once(peer, 'secureConnect')])
    return [wire, peer]
  } finally {
    server.close()
  }
}

function connectTo(port: number): TLSSocket {
  return connect({
    ...handshake,
    socket: connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true }),
    pskCallback: () => ({ psk, identity: 'self-test' }),
    checkServerIdentity: () => undefined,
  })
}
