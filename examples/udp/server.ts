/**
 * A name server for the zone `example`: each name has the address of the server that was asked.
 *
 * @module
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A running server. */
export interface Running extends AsyncDisposable {
  readonly url: string
}

/**
 * @param address What every name resolves to, such as `192.0.2.1`.
 * @param port 0 lets the system choose.
 */
export async function startServer(address: string, port: number): Promise<Running> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { address: from, port: back }) => {
    const answer = answerTo(query, address)
    if (answer !== undefined) socket.send(answer, back, from)
  })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return {
    url: `udp://127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

const headerBytes = 12

/** The answer to a query with one question (RFC 1035 section 4.1); `undefined` to anything else. */
function answerTo(query: Buffer, address: string): Buffer | undefined {
  if (query.length < headerBytes || query.readUInt16BE(4) !== 1) return undefined
  const nameEnd = query.indexOf(0, headerBytes)
  const question = query.subarray(headerBytes, nameEnd + 5)
  if (nameEnd < 0 || question.length !== nameEnd + 5 - headerBytes) return undefined
  const isKnown = question.includes('\u0007example\0')
  const asksForAddress = question.readUInt16BE(question.length - 4) === 1
  const found = isKnown && asksForAddress
  const header = Buffer.alloc(headerBytes)
  query.copy(header, 0, 0, 2)
  // A response, authoritative; 3 is NXDOMAIN.
  header.writeUInt16BE(0x8400 | (query.readUInt16BE(2) & 0x0100) | (isKnown ? 0 : 3), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(found ? 1 : 0, 6)
  if (!found) return Buffer.concat([header, question])
  // The name stands at 12; type A, class IN, a minute, four bytes.
  const record = Buffer.from([0xc0, headerBytes, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4])
  return Buffer.concat([header, question, record, Buffer.from(address.split('.').map(Number))])
}

if (import.meta.main) {
  for (const [address, port] of [
    ['192.0.2.1', 5301],
    ['192.0.2.2', 5302],
  ] as const) {
    const { url } = await startServer(address, port)
    console.log(`names are at ${address}, says ${url}`)
  }
}
