import { METHODS } from 'node:http'
import type { Reading } from './drive.ts'

/** Something that we accept and llhttp refuses or reads otherwise. */
export interface Difference {
  readonly what: string
  readonly why: string
  /** Whether it explains why a message was not read alike. */
  readonly explains: (text: string, reading: Reading) => boolean
}

const chunkExtension = /\n[\da-f]+(;[^\r\n]*)/gi
const grammaticalExtension = /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[^"\\]*"))?)+$/

/** Every difference that is known. Whatever else turns up fails the test. */
export const differences: readonly Difference[] = [
  {
    what: 'a method that llhttp does not know',
    why: 'methods are tokens and may be extended (RFC 9110 section 9.1); llhttp has a closed list',
    explains: (_text, { start }) =>
      !/^[2-5]\d\d /.test(start) && !METHODS.includes(start.split(' ')[0] ?? ''),
  },
  {
    what: 'a chunk extension that is none',
    why: 'extensions are dropped here, so their grammar does not matter; llhttp checks some of it',
    explains: (text) =>
      [...text.matchAll(chunkExtension)].some(
        ([, extension = '']) => !grammaticalExtension.test(extension),
      ),
  },
  {
    what: 'a tab behind `chunked`',
    why: 'it is white space (RFC 9110 section 5.6.3); what is sent on says `chunked` without it',
    explains: (text) => /chunked[ \t]*\t/i.test(text),
  },
]
