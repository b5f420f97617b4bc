import { IpAddress } from '@gatewright/ip-networks'
import type { ProxiedEnds } from './proxy-header.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const unknownText = Buffer.from('PROXY UNKNOWN\r\n', 'latin1')
const unknownBinary = Buffer.concat([signature, Buffer.from([0x20, 0, 0, 0])])

/**
 * The PROXY header of a connection: the line of version 1, or the bytes of version 2.
 * @param ends `undefined` if the client is not known.
 */
export function writeProxyHeader(version: 'v1' | 'v2', ends: ProxiedEnds | undefined): Buffer {
  if (ends === undefined) return version === 'v1' ? unknownText : unknownBinary
  return version === 'v1' ? textHeader(ends) : binaryHeader(ends)
}

function textHeader(ends: ProxiedEnds): Buffer {
  const ipv6 = isIpv6(ends)
  const addresses = [ends.sourceAddress, ends.destinationAddress]
  // Both must be of one family.
  const [source, destination] = addresses.map((address) =>
    ipv6 && !address.includes(':') ? `::ffff:${address}` : address,
  )
  const family = ipv6 ? 'TCP6' : 'TCP4'
  const ports = `${ends.sourcePort} ${ends.destinationPort}`
  return Buffer.from(`PROXY ${family} ${source} ${destination} ${ports}\r\n`, 'latin1')
}

function binaryHeader(ends: ProxiedEnds): Buffer {
  const ipv6 = isIpv6(ends)
  const size = ipv6 ? 16 : 4
  const header = Buffer.alloc(16 + 2 * size + 4)
  signature.copy(header)
  header[12] = 0x21
  header[13] = ipv6 ? 0x21 : 0x11
  header.writeUInt16BE(2 * size + 4, 14)
  putAddress(header, 16, size, ends.sourceAddress)
  putAddress(header, 16 + size, size, ends.destinationAddress)
  header.writeUInt16BE(ends.sourcePort, 16 + 2 * size)
  header.writeUInt16BE(ends.destinationPort, 18 + 2 * size)
  return header
}

function isIpv6({ sourceAddress, destinationAddress }: ProxiedEnds): boolean {
  return sourceAddress.includes(':') || destinationAddress.includes(':')
}

/** The last so many of its sixteen bytes: an IPv4 address is an IPv6 address as well. */
function putAddress(header: Buffer, at: number, size: number, text: string): void {
  const address = new IpAddress()
  address.read(text)
  header.set(address.bytes.subarray(16 - size), at)
}
