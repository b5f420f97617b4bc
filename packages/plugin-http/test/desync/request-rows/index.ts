import type { RequestRow } from '../request-row.ts'
import { bothLengths } from './both-lengths.ts'
import { chunks } from './chunks.ts'
import { connection } from './connection.ts'
import { contentLength } from './content-length.ts'
import { fieldLines } from './field-lines.ts'
import { host } from './host.ts'
import { requestLine } from './request-line.ts'
import { sequences } from './sequences.ts'
import { target } from './target.ts'
import { transferEncoding } from './transfer-encoding.ts'

/** Everything that a client may try, by class. */
export const requestTable: Readonly<Record<string, readonly RequestRow[]>> = {
  'request lines': requestLine,
  targets: target,
  hosts: host,
  'field lines': fieldLines,
  'Content-Length': contentLength,
  'Transfer-Encoding': transferEncoding,
  'two lengths': bothLengths,
  chunks,
  'Connection, Upgrade, TE and Expect': connection,
  'several messages': sequences,
}
