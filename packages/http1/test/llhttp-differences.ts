import { METHODS } from 'node:http'
import type { Reading } from './drive.ts'

/** Something that we accept and llhttp refuses or reads otherwise. */
export interface Difference {
  readonly what: string
  readonly why: string
  /** A request, followed by another one, that shows it. */
  readonly example: string
  /** Whether it explains why a message was not read alike. */
  readonly explains: (text: string, reading: Reading) => boolean
}

const chunkExtension = /\n[\da-f]+(;[^\r\n]*)/gi
const grammaticalExtension = /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[^"\\]*"))?)+$/

const connectionTrailer = /\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*Connection:/i
const next = 'GET /next HTTP/1.1\r\nHost: z\r\n\r\n'

/** Every difference that is known. Whatever else turns up fails the test. */
export const differences: readonly Difference[] = [
  {
    what: 'a method that llhttp does not know',
    why: 'methods are tokens and may be extended (RFC 9110 section 9.1); llhttp has a closed list',
    example: `FROB / HTTP/1.1\r\nHost: a\r\n\r\n${next}`,
    explains: (_text, { start }) =>
      !/^[2-5]\d\d /.test(start) && !METHODS.includes(start.split(' ')[0] ?? ''),
  },
  {
    what: 'a chunk extension that is none',
    why: 'extensions are dropped here, so their grammar does not matter; llhttp checks some of it',
    example: `${chunkedHead()}1;\xff\r\na\r\n0\r\n\r\n${next}`,
    explains: (text) =>
      [...text.matchAll(chunkExtension)].some(
        ([, extension = '']) => !grammaticalExtension.test(extension),
      ),
  },
  {
    what: 'a tab behind `chunked`',
    why: 'it is white space (RFC 9110 section 5.6.3); what is sent on says `chunked` without it',
    example: `${chunkedHead('\t')}0\r\n\r\n${next}`,
    explains: (text) => /chunked[ \t]*\t/i.test(text),
  },
  {
    what: 'a trailer with options of the connection',
    why: 'trailers are not merged into the head (RFC 9110 section 6.5.1), and this one is not sent on; llhttp ends the connection after the message, so nothing is read in two ways',
    example: `${chunkedHead()}0\r\nConnection: close\r\n\r\n${next}`,
    explains: (text) => connectionTrailer.test(text),
  },
]

function chunkedHead(blank = ''): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked${blank}\r\n\r\n`
}
