import { bad, good, last, ok, type ResponseRow, response, smuggled } from '../response-row.ts'

const two = 'Content-Length: 2'
const chunkedLine = 'Transfer-Encoding: chunked'
const chunkedOk = '2\r\nok\r\n0\r\n\r\n'

const values: readonly (readonly [name: string, value: string])[] = [
  ['a plus sign', '+2'],
  ['a minus sign', '-2'],
  ['a hexadecimal prefix', '0x2'],
  ['a letter', '2x'],
  ['a space inside', '1 0'],
  ['a list of equal values', '2, 2'],
  ['a list of other values', '2, 0'],
  ['a comma', '2,'],
  ['a fraction', '2.0'],
  ['quotes', '"2"'],
  ['nothing', ''],
  ['16 digits', '0000000000000002'],
  ['2^64 and 2', '18446744073709551618'],
  ['a vertical tab', '\v2'],
  ['a NUL', '2\0'],
]

const codings: readonly string[] = [
  ...['gzip', 'gzip, chunked', 'identity', 'xchunked', 'chunked, identity', 'chunked, chunked'],
  ...['chunked,', ', chunked', '"chunked"', 'chunked;q=1', '', '\vchunked', 'chunked\0'],
  ...['chunked identity', '\r\n chunked', '\rchunked', 'chunked\xa0'],
]

export const lengths: readonly ResponseRow[] = [
  ...values.map(([name, value]) =>
    bad(`a length with ${name}`, `${ok(`Content-Length: ${value}`)}ok`),
  ),
  ...codings.map((coding) =>
    bad(
      `transfer-encoding ${JSON.stringify(coding)}`,
      ok(`Transfer-Encoding: ${coding}`) + chunkedOk,
    ),
  ),
  bad('two equal lengths', `${ok(two, two)}ok`),
  bad('two other lengths', `${ok(two, 'Content-Length: 0')}ok`),
  bad('two codings', ok(chunkedLine, chunkedLine) + chunkedOk),
  bad('a length, then chunked', ok(two, chunkedLine) + chunkedOk),
  bad('chunked, then a length', ok(chunkedLine, two) + chunkedOk),
  bad('chunked and a length of zero', ok(chunkedLine, 'Content-Length: 0') + chunkedOk),
  bad('chunked in HTTP/1.0', response('HTTP/1.0 200 OK', chunkedLine) + chunkedOk),
  bad('a coding with a space before its colon', ok('Transfer-Encoding : chunked') + chunkedOk),
  bad('a length with a space before its colon', `${ok('Content-Length : 2')}ok`),
  bad('both in an answer to HEAD', ok(two, chunkedLine), { method: 'HEAD' }),
  bad('two lengths in an answer to HEAD', ok(two, 'Content-Length: 3'), { method: 'HEAD' }),
  bad('two lengths in a 204', response('HTTP/1.1 204 No', two, 'Content-Length: 3')),
  bad('both in a 304', response('HTTP/1.1 304 Not', two, chunkedLine)),
  good('a length', `${ok(two)}ok`, '200 ok', { has: ['content-length: 2'] }),
  good('a length of zero', ok('Content-Length: 0'), '200'),
  good('a length with leading zeros', `${ok('Content-Length: 002')}ok`, '200 ok', {
    has: ['content-length: 2'],
  }),
  good('a length between tabs', `${ok('Content-Length:\t2\t')}ok`, '200 ok', {
    has: ['content-length: 2'],
  }),
  good('chunked', ok(chunkedLine) + chunkedOk, '200 ok'),
  good('chunked in upper case', ok('TRANSFER-ENCODING: CHUNKED') + chunkedOk, '200 ok', {
    has: ['transfer-encoding: chunked'],
  }),
  last('neither', `${ok()}ok`, '200 ok', { closes: true }),
  last('neither, with a response in the body', `${ok()}${smuggled}`, `200 ${smuggled}`, {
    closes: true,
  }),
  last('neither, in HTTP/1.0', `${response('HTTP/1.0 200 OK')}ok`, '200 ok', { closes: true }),
  last('neither, but keep-alive', `${ok('Connection: keep-alive')}ok`, '200 ok', { closes: true }),
]
