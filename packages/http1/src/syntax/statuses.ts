import { STATUS_CODES } from 'node:http'

const lines: (Buffer | undefined)[] = []

/** The usual reason phrase, or an empty string (RFC 9110 section 15). */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? ''
}

/** `HTTP/1.1 200 OK` and CR LF, kept for the next time. `status` is from 100 to 599. */
export function statusLine(status: number): Buffer {
  let line = lines[status]
  if (line === undefined) {
    line = Buffer.from(`HTTP/1.1 ${status} ${reasonOf(status)}\r\n`, 'latin1')
    lines[status] = line
  }
  return line
}
