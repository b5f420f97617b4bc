/** What the ClientHello of a TLS client says about where it wants to go. */
export interface ClientHello {
  /** Lower-case, without trailing dot; `undefined` if the client names none (RFC 6066 section 3). */
  readonly serverName: string | undefined
  /** The protocols that the client offers, in its order (RFC 7301). */
  readonly alpn: readonly string[]
}

/** More than that is not waited for. */
export const maxHelloBytes = 65_535

const recordHeaderBytes = 5
const messageHeaderBytes = 4
/** Of one record (RFC 8446 section 5.1). */
const maxRecordBytes = 16_384
const handshakeRecord = 0x16
const clientHelloMessage = 0x01
const serverNameExtension = 0
const alpnExtension = 16

/**
 * Reads a ClientHello that arrives in any pieces and in any number of records. What is not one, or
 * contradicts itself, has none: nothing is guessed, since the server behind might guess otherwise.
 */
export class ClientHelloReader {
  #hello: ClientHello | undefined = undefined
  #done = false
  /** How many bytes have been looked at. */
  #at = 0
  /** How many bytes of the present record are still to come. */
  #missing = 0
  #message: Buffer = Buffer.allocUnsafeSlow(512)
  #length = 0

  /** What was found; `undefined` if it is not TLS, and as long as it is not known. */
  get hello(): ClientHello | undefined {
    return this.#hello
  }

  /**
   * Looks at what is new.
   * @param bytes Everything that has come so far, from the first byte on.
   * @returns True once more bytes would change nothing.
   */
  read(bytes: Uint8Array): boolean {
    if (!this.#done) this.#done = this.#advance(bytes) || bytes.length >= maxHelloBytes
    return this.#done
  }

  #advance(bytes: Uint8Array): boolean {
    for (;;) {
      if (this.#missing === 0) {
        if (!mayBeRecord(bytes, this.#at)) return true
        const length = recordLength(bytes, this.#at)
        if (length === undefined) return false
        this.#at += recordHeaderBytes
        this.#missing = length
      }
      const count = Math.min(this.#missing, bytes.length - this.#at)
      if (count === 0) return false
      this.#append(bytes, count)
      if (this.#isKnown()) return true
    }
  }

  #append(bytes: Uint8Array, count: number): void {
    const length = this.#length + count
    if (length > this.#message.length) {
      const bigger = Buffer.allocUnsafeSlow(2 * length)
      this.#message.copy(bigger, 0, 0, this.#length)
      this.#message = bigger
    }
    this.#message.set(bytes.subarray(this.#at, this.#at + count), this.#length)
    this.#length = length
    this.#at += count
    this.#missing -= count
  }

  /** True if the message is complete, or cannot become a ClientHello any more. */
  #isKnown(): boolean {
    const message = this.#message
    if (message[0] !== clientHelloMessage) return true
    if (this.#length < messageHeaderBytes) return false
    const end = messageHeaderBytes + message.readUIntBE(1, 3)
    if (end > maxHelloBytes) return true
    if (this.#length < end) return false
    this.#hello = parseHello(message.subarray(messageHeaderBytes, end))
    return true
  }
}

/** False if what there is of a record header shows that it is none of a handshake. */
function mayBeRecord(bytes: Uint8Array, at: number): boolean {
  if (at < bytes.length && bytes[at] !== handshakeRecord) return false
  if (at + 1 < bytes.length && bytes[at + 1] !== 0x03) return false
  const length = recordLength(bytes, at)
  return length === undefined || (length > 0 && length <= maxRecordBytes)
}

function recordLength(bytes: Uint8Array, at: number): number | undefined {
  const high = bytes[at + 3]
  const low = bytes[at + 4]
  return high === undefined || low === undefined ? undefined : high * 256 + low
}

/** The body of a ClientHello (RFC 8446 section 4.1.2); `undefined` if it contradicts itself. */
function parseHello(body: Uint8Array): ClientHello | undefined {
  const cursor = new Cursor(body)
  cursor.skip(2 + 32)
  cursor.skip(cursor.number(1))
  cursor.skip(cursor.number(2))
  cursor.skip(cursor.number(1))
  // TLS 1.2 knows messages without extensions.
  const extensions = cursor.atEnd ? new Cursor(body.subarray(0, 0)) : cursor.vector(2)
  let serverName: string | undefined
  let alpn: readonly string[] | undefined
  const seen = new Set<number>()
  while (!extensions.atEnd && !extensions.broken) {
    const type = extensions.number(2)
    const extension = extensions.vector(2)
    // Two of a kind could be read in two ways.
    if (seen.has(type)) return undefined
    seen.add(type)
    if (type === serverNameExtension) serverName = parseServerName(extension)
    else if (type === alpnExtension) alpn = parseAlpn(extension)
    if (extension.broken) return undefined
  }
  if (cursor.broken || !cursor.atEnd || extensions.broken) return undefined
  return { serverName, alpn: alpn ?? [] }
}

/** Breaks the cursor if the extension is malformed. */
function parseServerName(extension: Cursor): string | undefined {
  const names = extension.vector(2)
  const type = names.number(1)
  const name = names.vector(2).text()
  // Nothing but host names was ever defined, and of those there may be one.
  const usable = type === 0 && names.atEnd && extension.atEnd && !names.broken
  if (!usable || !/^[\w-]+(?:\.[\w-]+)*\.?$/.test(name) || name.length > 255) extension.break()
  return name.replace(/\.$/, '').toLowerCase()
}

/** Breaks the cursor if the extension is malformed. */
function parseAlpn(extension: Cursor): readonly string[] {
  const list = extension.vector(2)
  const protocols: string[] = []
  while (!list.atEnd && !list.broken) {
    const protocol = list.vector(1).text()
    if (protocol === '') list.break()
    protocols.push(protocol)
  }
  if (list.broken || !extension.atEnd) extension.break()
  return protocols
}

/** Reads numbers and vectors; whoever reads past the end gets nothing, and a broken cursor. */
class Cursor {
  broken = false
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  break(): void {
    this.broken = true
  }

  skip(count: number): void {
    this.#at += count
    if (this.#at > this.#bytes.length) this.broken = true
  }

  /** A number of so many bytes, the highest first. */
  number(size: number): number {
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[this.#at + i] ?? 0)
    this.skip(size)
    return value
  }

  /** What stands behind its length, which has so many bytes. */
  vector(size: number): Cursor {
    const length = this.number(size)
    const start = this.#at
    this.skip(length)
    const inner = new Cursor(this.#bytes.subarray(start, start + length))
    if (this.broken) inner.break()
    return inner
  }

  /** All of it, a character for each byte. */
  text(): string {
    return Buffer.from(this.#bytes).toString('latin1')
  }
}
