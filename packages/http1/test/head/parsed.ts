import {
  defaultLimits,
  describeFault,
  Head,
  parseRequestHead,
  parseResponseHead,
} from '../../src/index.ts'

/** Parses a whole request head; throws if it is not one. */
export function parseRequest(text: string, head: Head = new Head()): Head {
  const buf = Buffer.from(text, 'latin1')
  return accepted(parseRequestHead(buf, 0, buf.length, head, defaultLimits), buf, head)
}

/** Parses a whole response head; throws if it is not one. */
export function parseResponse(text: string, head: Head = new Head()): Head {
  const buf = Buffer.from(text, 'latin1')
  return accepted(parseResponseHead(buf, 0, buf.length, head, defaultLimits), buf, head)
}

function accepted(result: number, buf: Buffer, head: Head): Head {
  if (result < -1) throw new Error(describeFault(result).code)
  if (result !== buf.length) throw new Error(`${result} of ${buf.length} bytes`)
  // The head has its own copy.
  buf.fill('~')
  return head
}
