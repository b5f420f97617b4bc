import {
  chunks,
  cut,
  good,
  last,
  ok,
  type ResponseRow,
  response,
  smuggled,
} from '../response-row.ts'

const two = 'Content-Length: 2'
const hello = '5\r\nhello\r\n'
const end = '0\r\n\r\n'

/** Bodies that no two readers can be trusted to read alike. */
const faults: readonly (readonly [name: string, body: string])[] = [
  ['a size with a plus sign', `+5\r\nhello\r\n${end}`],
  ['a size with 0x', `0x5\r\nhello\r\n${end}`],
  ['a size that is no number', `x\r\nhello\r\n${end}`],
  ['an empty size', `\r\nhello\r\n${end}`],
  ['a space before the size', ` 5\r\nhello\r\n${end}`],
  ['a space after the size', `5 \r\nhello\r\n${end}`],
  ['a size of 14 digits', `00000000000005\r\nhello\r\n${end}`],
  ['a size of 2^64 and 5', `10000000000000005\r\nhello\r\n${end}`],
  ['a line feed alone after the size', `5\nhello\r\n${end}`],
  ['a carriage return alone after the size', `5\rhello\r\n${end}`],
  ['a line feed alone after the data', `5\r\nhello\n${end}`],
  ['nothing after the data', `5\r\nhello${end}`],
  ['data longer than its size', `4\r\nhello\r\n${end}`],
  ['data shorter than its size', `8\r\nhello\r\n${end}`],
  ['a line feed alone at the end', `${hello}0\r\n\n`],
  ['an extension with a line feed', `5;a\nhello\r\n${end}`],
  ['an extension with a carriage return', `5;a\rb\r\nhello\r\n${end}`],
  ['an extension with a NUL', `5;\0\r\nhello\r\n${end}`],
  ['a response where the last chunk should be', `${hello}${smuggled}`],
  ['a response where the trailers should be', `${hello}0\r\n${smuggled}`],
  ['a trailer with content-length', `${hello}0\r\nContent-Length: 5\r\n\r\n`],
  ['a trailer with transfer-encoding', `${hello}0\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['a trailer without a colon', `${hello}0\r\nX\r\n\r\n`],
  ['a folded trailer', `${hello}0\r\nX: y\r\n z\r\n\r\n`],
  ['trailers beyond their bound', `${hello}0\r\nX: ${'y'.repeat(5000)}\r\n\r\n`],
  ['extensions beyond their bound', `5;${'y'.repeat(5000)}\r\nhello\r\n${end}`],
]

export const bodies: readonly ResponseRow[] = [
  ...faults.map(([name, body]) => cut(`chunks with ${name}`, chunks(body))),
  cut('chunks without an end', chunks(hello), { closes: true }),
  cut('chunks without the last line end', chunks(`${hello}0\r\n`), { closes: true }),
  cut('a body shorter than its length', `${ok('Content-Length: 5')}ok`, { closes: true }),
  cut('no body but a length', ok('Content-Length: 5'), { closes: true }),
  last('a body longer than its length', `${ok(two)}okay`, '200 ok'),
  last('another response behind the first', `${ok(two)}ok${smuggled}`, '200 ok'),
  last('another response behind chunks', chunks(`${hello}${end}${smuggled}`), '200 hello'),
  last('a line end behind a body', `${ok(two)}ok\r\n`, '200 ok'),
  last('another response behind no body', ok('Content-Length: 0') + smuggled, '200'),
  last('two last chunks', chunks(`${hello}${end}${end}`), '200 hello'),
  good('an answer to HEAD', ok('Content-Length: 8'), '200', {
    method: 'HEAD',
    has: ['content-length: 8'],
  }),
  good('an answer to HEAD with an odd length', ok('Content-Length:008'), '200', {
    method: 'HEAD',
    has: ['content-length: 8'],
  }),
  good('an answer to HEAD in chunks', ok('Transfer-Encoding: chunked'), '200', { method: 'HEAD' }),
  good('an answer to HEAD without a length', ok('X: y'), '200', { method: 'HEAD' }),
  last('an answer to HEAD with a body', `${ok(two)}ok`, '200', { method: 'HEAD' }),
  last('an answer to HEAD with chunks', chunks(hello + end), '200', { method: 'HEAD' }),
  last(
    'an answer to HEAD with a response as its body',
    ok('Content-Length: 45') + smuggled,
    '200',
    {
      method: 'HEAD',
    },
  ),
  good('a 204', response('HTTP/1.1 204 No Content', 'X: y'), '204', {
    lacks: ['content-length', 'transfer-encoding'],
  }),
  good('a 204 with a length', response('HTTP/1.1 204 No Content', two), '204', {
    lacks: ['content-length'],
  }),
  good(
    'a 204 in chunks',
    response('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked'),
    '204',
    {
      lacks: ['transfer-encoding'],
    },
  ),
  last('a 204 with a body', `${response('HTTP/1.1 204 No Content', two)}ok`, '204'),
  last('a 204 with a response behind it', response('HTTP/1.1 204 No Content') + smuggled, '204'),
  good('a 304', response('HTTP/1.1 304 Not Modified', 'Content-Length: 8'), '304', {
    has: ['content-length: 8'],
  }),
  last('a 304 with a body', `${response('HTTP/1.1 304 Not Modified', two)}ok`, '304'),
  last(
    'a 304 with a response behind it',
    response('HTTP/1.1 304 Not Modified', 'Content-Length: 45') + smuggled,
    '304',
  ),
  good('a 205 with a body', `${response('HTTP/1.1 205 Reset Content', two)}ok`, '205 ok'),
  good('chunks', chunks(`${hello}1\r\n!\r\n${end}`), '200 hello!'),
  good('chunks with extensions', chunks(`5;a="b;c"\r\nhello\r\n0;d\r\n\r\n`), '200 hello'),
  good('chunks with leading zeros', chunks(`005\r\nhello\r\n00\r\n\r\n`), '200 hello'),
  good('chunks with a trailer', chunks(`${hello}0\r\nX: y\r\n\r\n`), '200 hello'),
  good(
    'chunks with trailers that could pass for header fields',
    chunks(`${hello}0\r\nSet-Cookie: a=b\r\nLocation: /\r\nContent_Length: 0\r\n\r\n`),
    '200 hello',
  ),
  good(
    'a chunk that holds a response',
    chunks(`2d\r\n${smuggled}\r\n${end}`.replace('2d', smuggled.length.toString(16))),
    `200 ${smuggled}`,
  ),
]
