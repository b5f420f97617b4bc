import { type Row, type Vector, vectors } from './vector.ts'

function ok(...lines: string[]): string {
  return `HTTP/1.1 200 OK\r\n${lines.map((each) => `${each}\r\n`).join('')}\r\n`
}

function line(start: string): string {
  return `${start}\r\nContent-Length: 0\r\n\r\n`
}

const rows: Row[] = [
  ['plain response', line('HTTP/1.1 200 OK'), 'complete'],
  ['HTTP/1.0', line('HTTP/1.0 200 OK'), 'complete'],
  ['empty reason', line('HTTP/1.1 200 '), 'complete'],
  ['no reason and no space', line('HTTP/1.1 200'), 'complete'],
  ['unknown status', line('HTTP/1.1 599 Odd'), 'complete'],
  ['reason with high bytes and tabs', line('HTTP/1.1 200 d\xe9j\xe0\tvu'), 'complete'],
  ['body until the end', ok('X: y'), 'incomplete'],
  ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'complete'],
  ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'complete'],
  ['100', 'HTTP/1.1 100 Continue\r\n\r\n', 'complete'],
  ['101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 'complete'],
  ['status 099', line('HTTP/1.1 099 X'), 'BAD_STATUS'],
  ['status 600', line('HTTP/1.1 600 X'), 'BAD_STATUS'],
  ['status 000', line('HTTP/1.1 000 X'), 'BAD_STATUS'],
  ['status of two digits', line('HTTP/1.1 20 X'), 'BAD_STATUS'],
  ['status of four digits', line('HTTP/1.1 2000 X'), 'BAD_STATUS'],
  ['status with a letter', line('HTTP/1.1 20x X'), 'BAD_STATUS'],
  ['status with a sign', line('HTTP/1.1 +20 X'), 'BAD_STATUS'],
  ['tab after the status', line('HTTP/1.1 200\tOK'), 'BAD_STATUS'],
  ['two spaces before the status', line('HTTP/1.1  200 OK'), 'BAD_STATUS'],
  ['tab before the status', line('HTTP/1.1\t200 OK'), 'BAD_VERSION'],
  ['no status', line('HTTP/1.1'), 'BAD_VERSION'],
  ['NUL in the reason', line('HTTP/1.1 200 O\0K'), 'BAD_REASON'],
  ['escape in the reason', line('HTTP/1.1 200 \x1bc'), 'BAD_REASON'],
  ['bare carriage return in the reason', line('HTTP/1.1 200 O\rK'), 'BARE_CR'],
  ['bare line feed after the reason', 'HTTP/1.1 200 OK\nX: y\r\n\r\n', 'BARE_LF'],
  ['bare line feed after the status', 'HTTP/1.1 200\nX: y\r\n\r\n', 'BARE_LF'],
  ['version 1.2', line('HTTP/1.2 200 OK'), 'UNSUPPORTED_VERSION'],
  ['version 2.0', line('HTTP/2.0 200 OK'), 'UNSUPPORTED_VERSION'],
  ['version 0.9', line('HTTP/0.9 200 OK'), 'UNSUPPORTED_VERSION'],
  ['version in lower case', line('http/1.1 200 OK'), 'BAD_VERSION'],
  ['another protocol', 'ICY 200 OK\r\n\r\n', 'BAD_VERSION'],
  ['a body without a head', '<html>\n', 'BAD_VERSION'],
  ['empty line before', `\r\n${line('HTTP/1.1 200 OK')}`, 'BAD_VERSION'],
  ['space before', ` ${line('HTTP/1.1 200 OK')}`, 'BAD_VERSION'],
  ['folded line', ok('X: a', ' b'), 'FOLDED_LINE'],
  ['space before the colon', ok('X : a'), 'BAD_FIELD_NAME'],
  ['no colon', ok('X'), 'MISSING_COLON'],
  ['NUL in a value', ok('X: \0'), 'BAD_FIELD_VALUE'],
  ['bare line feed after a value', 'HTTP/1.1 200 OK\r\nX: y\n\r\n', 'BARE_LF'],
  ['bare carriage return in a value', ok('X: a\rb'), 'BARE_CR'],
  ['101 fields', ok(...Array.from({ length: 101 }, () => 'X: y')), 'TOO_MANY_FIELDS'],
  ['head of 65536 bytes', ok('Content-Length: 0', `X: ${'y'.repeat(65493)}`), 'complete'],
  ['head of 65537 bytes', ok('Content-Length: 0', `X: ${'y'.repeat(65494)}`), 'HEAD_TOO_LARGE'],
  ['equal lengths', ok('Content-Length: 3', 'Content-Length: 3'), 'DUPLICATE_CONTENT_LENGTH'],
  ['list of lengths', ok('Content-Length: 3, 3'), 'BAD_CONTENT_LENGTH'],
  ['length with a plus sign', ok('Content-Length: +3'), 'BAD_CONTENT_LENGTH'],
  [
    'length and chunked',
    ok('Content-Length: 3', 'Transfer-Encoding: chunked'),
    'CONFLICTING_LENGTHS',
  ],
  ['gzip', ok('Transfer-Encoding: gzip'), 'UNKNOWN_TRANSFER_CODING'],
  ['chunked, gzip', ok('Transfer-Encoding: chunked, gzip'), 'BAD_TRANSFER_ENCODING'],
  [
    'chunked twice',
    ok('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
    'DUPLICATE_TRANSFER_ENCODING',
  ],
  [
    'chunked in HTTP/1.0',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'UNEXPECTED_TRANSFER_ENCODING',
  ],
  ['chunked body', `${ok('Transfer-Encoding: chunked')}1\r\na\r\n0\r\nX: y\r\n\r\n`, 'complete'],
  ['bad chunk', `${ok('Transfer-Encoding: chunked')}1 \r\na\r\n`, 'BAD_CHUNK_SIZE'],
  ['two hosts, which mean nothing here', ok('Host: a', 'Host: b', 'Content-Length: 0'), 'complete'],
]

export const responseVectors: readonly Vector[] = vectors(rows)
