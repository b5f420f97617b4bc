import { IpAddress, plainAddress, tryForwardedAddress } from '@gatewright/ip-networks'

/** Both ends of a connection as a PROXY header names them. */
export interface ProxiedEnds {
  readonly sourceAddress: string
  readonly sourcePort: number
  readonly destinationAddress: string
  readonly destinationPort: number
}

/** What was made of the first bytes of a connection. */
export type ProxyHeader =
  /** It is not complete yet. */
  | { readonly state: 'partial' }
  | { readonly state: 'invalid'; readonly problem: string }
  /** So many bytes; `ends` is missing if the proxy speaks for itself or does not know. */
  | { readonly state: 'complete'; readonly length: number; readonly ends: ProxiedEnds | undefined }

const partial: ProxyHeader = { state: 'partial' }
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const textStart = Buffer.from('PROXY ', 'latin1')
/** With its CRLF (section 2.1 of the specification of the PROXY protocol). */
const maxTextBytes = 107
const binaryStartBytes = 16
const localCommand = 0x20
const proxyCommand = 0x21
/** Addresses and further fields; more has no use that we know of. */
const maxBinaryBytes = 4096
const lineFeed = 0x0a
const port = /^(?:0|[1-9][0-9]{0,4})$/

/** Reads a PROXY header of version 1 or 2 from the first bytes of a connection. Never throws. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (startsLike(bytes, signature)) return readBinary(bytes)
  if (startsLike(bytes, textStart)) return readText(bytes)
  return invalid('there is none')
}

/** True as far as the bytes go. */
function startsLike(bytes: Uint8Array, start: Uint8Array): boolean {
  const length = Math.min(bytes.length, start.length)
  for (let i = 0; i < length; i++) if (bytes[i] !== start[i]) return false
  return true
}

function readText(bytes: Uint8Array): ProxyHeader {
  const feed = bytes.subarray(0, maxTextBytes).indexOf(lineFeed)
  if (feed < 0) return bytes.length < maxTextBytes ? partial : invalid('its line is too long')
  const line = Buffer.from(bytes.subarray(0, feed + 1)).toString('latin1')
  if (!line.endsWith('\r\n')) return invalid('its line ends without CR')
  const length = line.length
  const [, family, ...fields] = line.slice(0, -2).split(' ')
  // What follows is of no account.
  if (family === 'UNKNOWN') return { state: 'complete', length, ends: undefined }
  const ends = endsOf(family, fields)
  return ends === undefined ? invalid('its line is malformed') : { state: 'complete', length, ends }
}

function endsOf(
  family: string | undefined,
  [source = '', destination = '', sourcePort = '', destinationPort = '', ...rest]: string[],
): ProxiedEnds | undefined {
  const ipv6 = family === 'TCP6'
  if ((!ipv6 && family !== 'TCP4') || rest.length > 0) return undefined
  if (!isAddress(source, ipv6) || !isAddress(destination, ipv6)) return undefined
  if (!isPort(sourcePort) || !isPort(destinationPort)) return undefined
  return {
    sourceAddress: normal(source),
    sourcePort: Number(sourcePort),
    destinationAddress: normal(destination),
    destinationPort: Number(destinationPort),
  }
}

function isAddress(text: string, ipv6: boolean): boolean {
  return text.includes(':') === ipv6 && !text.includes('%') && new IpAddress().read(text)
}

function isPort(text: string): boolean {
  return port.test(text) && Number(text) <= 65_535
}

function readBinary(bytes: Uint8Array): ProxyHeader {
  const problem = problemOf(bytes)
  if (problem !== undefined) return invalid(problem)
  const length = binaryStartBytes + sizeOf(bytes)
  if (bytes.length < binaryStartBytes || bytes.length < length) return partial
  const family = bytes[13] ?? 0
  // A proxy that speaks for itself, or for nobody, may put there what it likes.
  if (bytes[12] === localCommand || family === 0)
    return { state: 'complete', length, ends: undefined }
  const addresses = addressBytes.get(family) ?? 0
  const body = Buffer.from(bytes.subarray(binaryStartBytes, length))
  if (!areFields(body.subarray(2 * addresses))) return invalid('its fields are malformed')
  const known = family === 0x11 || family === 0x21
  return { state: 'complete', length, ends: known ? binaryEnds(body, addresses - 2) : undefined }
}

/** What is wrong with the first sixteen bytes, as far as they are there. */
function problemOf(bytes: Uint8Array): string | undefined {
  const command = bytes[12]
  if (command === undefined) return undefined
  if (command !== localCommand && command !== proxyCommand) {
    return 'its version or command is unknown'
  }
  if (bytes.length < binaryStartBytes) return undefined
  const size = sizeOf(bytes)
  if (size > maxBinaryBytes) return 'it is too long'
  const addresses = addressBytes.get(bytes[13] ?? 0)
  if (addresses === undefined) return 'its address family is unknown'
  return command === proxyCommand && size < 2 * addresses ? 'it is too short' : undefined
}

function sizeOf(bytes: Uint8Array): number {
  return (bytes[14] ?? 0) * 256 + (bytes[15] ?? 0)
}

/** How many bytes address and port of one end take, by address family and transport. */
const addressBytes: ReadonlyMap<number, number> = new Map([
  [0x00, 0],
  [0x11, 6],
  [0x12, 6],
  [0x21, 18],
  [0x22, 18],
  [0x31, 108],
  [0x32, 108],
])

/** Both addresses stand in front of both ports. */
function binaryEnds(body: Buffer, size: number): ProxiedEnds {
  return {
    sourceAddress: addressOf(body.subarray(0, size)),
    destinationAddress: addressOf(body.subarray(size, 2 * size)),
    sourcePort: body.readUInt16BE(2 * size),
    destinationPort: body.readUInt16BE(2 * size + 2),
  }
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let at = 0; at < bytes.length; at += 2) groups.push(bytes.readUInt16BE(at).toString(16))
  return normal(groups.join(':'))
}

/** True if all of it is types, each followed by the length of its value and the value. */
function areFields(bytes: Buffer): boolean {
  let at = 0
  while (at < bytes.length) {
    if (at + 3 > bytes.length) return false
    at += 3 + bytes.readUInt16BE(at + 1)
  }
  return at === bytes.length
}

/** As the system writes the address. */
function normal(address: string): string {
  return tryForwardedAddress(address) ?? plainAddress(address)
}

function invalid(problem: string): ProxyHeader {
  return { state: 'invalid', problem }
}
