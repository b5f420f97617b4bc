const dot = 0x2e
const colon = 0x3a

/**
 * An IP address as sixteen bytes; IPv4 as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2). Made to be
 * filled again and again, so that reading an address allocates nothing.
 */
export class IpAddress {
  readonly bytes: Uint8Array = new Uint8Array(16)
  #filled = 0
  /** Where `::` stands among the bytes; negative if it does not. */
  #gap = -1

  /** True for IPv4 and IPv4-mapped addresses. */
  get isIpv4(): boolean {
    const { bytes } = this
    for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false
    return bytes[10] === 0xff && bytes[11] === 0xff
  }

  /** Reads an address; a zone (RFC 4007 section 11) is left out. False if the text is none. */
  read(text: string): boolean {
    const zone = text.indexOf('%')
    const end = zone < 0 ? text.length : zone
    this.bytes.fill(0)
    if (text.includes(':')) return this.#readIpv6(text, end)
    this.bytes.fill(0xff, 10, 12)
    return zone < 0 && this.#readIpv4(text, 0, end, 12)
  }

  #readIpv4(text: string, start: number, end: number, offset: number): boolean {
    let at = start
    for (let part = 0; part < 4; part++) {
      if (part > 0 && text.charCodeAt(at++) !== dot) return false
      const from = at
      let value = 0
      for (; at < end && isDigit(text.charCodeAt(at)); at++) {
        value = value * 10 + text.charCodeAt(at) - 0x30
      }
      const digits = at - from
      // Some systems take a leading zero for octal, so an address with one is ambiguous.
      if (digits === 0 || digits > 3 || value > 255) return false
      if (digits > 1 && text.charCodeAt(from) === 0x30) return false
      this.bytes[offset + part] = value
    }
    return at === end
  }

  #readIpv6(text: string, end: number): boolean {
    this.#filled = 0
    this.#gap = -1
    let group = 0
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at)
      if (hexDigit(code) >= 0) continue
      if (code === dot) return this.#readMapped(text, group, end)
      if (code !== colon) return false
      if (at > 0 && !this.#takeGroup(text, group, at)) return false
      group = at + 1
    }
    const complete = group === end || this.#takeGroup(text, group, end)
    return complete && endsWell(text, end) && this.#close()
  }

  /** An IPv6 address may end in the notation of IPv4. */
  #readMapped(text: string, start: number, end: number): boolean {
    if (this.#filled > 12 || !this.#readIpv4(text, start, end, this.#filled)) return false
    this.#filled += 4
    return this.#close()
  }

  /** A group without digits is the gap, of which there is at most one. */
  #takeGroup(text: string, start: number, end: number): boolean {
    if (start === end) {
      if (this.#gap >= 0) return false
      this.#gap = this.#filled
      return true
    }
    if (this.#filled === 16 || end - start > 4) return false
    let value = 0
    for (let i = start; i < end; i++) value = value * 16 + hexDigit(text.charCodeAt(i))
    this.bytes[this.#filled] = value >> 8
    this.bytes[this.#filled + 1] = value & 0xff
    this.#filled += 2
    return true
  }

  /** Moves what stands behind the gap to the end. */
  #close(): boolean {
    const filled = this.#filled
    const gap = this.#gap
    if (gap < 0 || filled === 16) return gap < 0 && filled === 16
    const moved = 16 - filled
    this.bytes.copyWithin(gap + moved, gap, filled)
    this.bytes.fill(0, gap, gap + moved)
    return true
  }
}

/** A colon at either end must be one of two. */
function endsWell(text: string, end: number): boolean {
  if (text.charCodeAt(0) === colon && text.charCodeAt(1) !== colon) return false
  return text.charCodeAt(end - 1) !== colon || text.charCodeAt(end - 2) === colon
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** The value of a hexadecimal digit, given as a character code; -1 if it is none. */
function hexDigit(code: number): number {
  if (isDigit(code)) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
