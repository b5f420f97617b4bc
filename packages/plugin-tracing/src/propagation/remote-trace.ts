/** What a request says of the trace that it is part of. */
export interface RemoteTrace {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string
  /** Of the client's span: 16 such digits. */
  readonly spanId: string
  /** Whether the client records the trace; `undefined` if it leaves that to others. */
  readonly sampled: boolean | undefined
  /** Trace flags that are handed on as they are (W3C Trace Context, level 2): that the id is random. */
  readonly flags: number
  /** Bounded `tracestate`. */
  readonly state: string | undefined
}

/** True if all of `text[from, to)` are hexadecimal digits in lower case. */
export function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isHexDigit(text.charCodeAt(i))) return false
  return true
}

/** The same, and not all of them are 0. */
export function isId(text: string, from: number, to: number): boolean {
  if (!isHex(text, from, to)) return false
  for (let i = from; i < to; i++) if (text.charCodeAt(i) !== zero) return true
  return false
}

const zero = 0x30

function isHexDigit(code: number): boolean {
  return (code >= zero && code <= 0x39) || (code >= 0x61 && code <= 0x66)
}
