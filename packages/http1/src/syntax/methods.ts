import { NameTable } from './names.ts'

/** Methods that have a number; every other token is `other` (RFC 9110 section 9). */
export const Method = {
  other: 0,
  get: 1,
  head: 2,
  post: 3,
  put: 4,
  delete: 5,
  connect: 6,
  options: 7,
  trace: 8,
  patch: 9,
} as const

const words = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const table = new NameTable(words, false)

/** Number of the method in `buf[start, end)`. Methods are case-sensitive. */
export function methodOf(buf: Buffer, start: number, end: number): number {
  return table.find(buf, start, end)
}

/** The method's name, always the same string; empty for `Method.other`. */
export function methodName(method: number): string {
  return method === Method.other ? '' : (words[method - 1] ?? '')
}
