import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/**
 * A URL where every connection is refused, for as long as the process lives.
 *
 * A port that was merely closed may be given to the next server of another test. This one stays
 * taken: it is the near end of a connection, and nothing listens there. It keeps no process alive.
 */
export async function deadUrl(): Promise<string> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')

  const anchor = createServer((socket) => socket.unref())
  anchor.listen(0, '127.0.0.1')
  await once(anchor, 'listening')
  const { port: anchorPort } = anchor.address() as AddressInfo
  const holder = connect({ host: '127.0.0.1', port: anchorPort, localPort: port })
  await Promise.all([once(holder, 'connect'), once(anchor, 'connection')])
  holder.unref()
  // The connection stays; only the listener goes.
  anchor.close()
  return `http://127.0.0.1:${port}`
}
