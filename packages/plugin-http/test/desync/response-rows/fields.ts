import { bad, good, last, ok, type ResponseRow } from '../response-row.ts'

const two = 'Content-Length: 2'

/** Lines that are no field, or not the same one for everybody. */
const lines: readonly (readonly [name: string, line: string])[] = [
  ['no colon', 'X'],
  ['no name', ': y'],
  ['a space before the colon', 'X : y'],
  ['a tab before the colon', 'X\t: y'],
  ['a name with a space', 'X Y: z'],
  ['a name in quotes', '"X": y'],
  ['a name with a NUL', 'X\0: y'],
  ['a name with a high byte', 'X\xff: y'],
  ['a name with parentheses', 'X(Y): z'],
  ['a name with a carriage return', 'X\rY: z'],
  ['a value folded with a space', 'X: y\r\n z'],
  ['a value folded with a tab', 'X: y\r\n\tz'],
  ['a fold that hides a field', 'X: y\r\n Set-Cookie: a=b'],
  ['nothing but a space', ' '],
  ['a NUL in a value', 'X: a\0b'],
  ['an escape in a value', 'X: \x1b'],
  ['DEL in a value', 'X: \x7f'],
  ['a vertical tab in a value', 'X: a\vb'],
  ['a carriage return in a value', 'X: a\rSet-Cookie: a=b'],
  ['two carriage returns at the end of a line', 'X: a\r'],
  ['a line feed in a value', 'X: a\nSet-Cookie: a=b'],
  ['a bare line feed as the empty line', 'X: a\n'],
  ['a status line among the fields', 'HTTP/1.1 200 OK'],
]

export const fields: readonly ResponseRow[] = [
  ...lines.map(([name, line]) => bad(`a head with ${name}`, `${ok(two, line)}ok`)),
  bad('line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  bad('carriage returns alone', 'HTTP/1.1 200 OK\rContent-Length: 2\r\rok', { closes: true }),
  bad('a folded first line', 'HTTP/1.1 200 OK\r\n Content-Length: 2\r\n\r\nok'),
  bad('101 lines', `${ok(two, ...Array.from({ length: 100 }, () => 'X: y'))}ok`),
  good('100 lines', `${ok(two, ...Array.from({ length: 99 }, () => 'X: y'))}ok`, '200 ok'),
  bad('a head beyond 64 KiB', ok(two, `X: ${'y'.repeat(66_000)}`)),
  bad('a reason beyond 64 KiB', `HTTP/1.1 200 ${'y'.repeat(66_000)}\r\n`),
  good('a head below 64 KiB', `${ok(two, `X: ${'y'.repeat(60_000)}`)}ok`, '200 ok'),
  good('odd values', `${ok(two, 'X: \t"\xe9;=,\ty\t', 'Y:')}ok`, '200 ok', {
    has: ['x: "\xe9;=,\ty', 'y: '],
  }),
  good('cookies apart', `${ok(two, 'Set-Cookie: a=b', 'Set-Cookie: c=d')}ok`, '200 ok', {
    has: ['set-cookie: a=b', 'set-cookie: c=d'],
  }),
  good(
    'fields of one hop',
    `${ok(
      two,
      'Connection: X-Secret',
      'X-Secret: 1',
      'Keep-Alive: timeout=50',
      'Proxy-Authenticate: Basic',
      'Proxy-Connection: keep-alive',
      'Upgrade: h2c',
      'Trailer: X',
      'TE: trailers',
    )}ok`,
    '200 ok',
    {
      has: ['content-length: 2'],
      lacks: [
        ...['connection', 'x-secret', 'keep-alive', 'proxy-authenticate', 'proxy-connection'],
        ...['upgrade', 'trailer', 'te'],
      ],
    },
  ),
  good('Connection that names the length', `${ok(two, 'Connection: content-length')}ok`, '200 ok', {
    has: ['content-length: 2'],
  }),
  last('Connection: close', `${ok(two, 'Connection: close')}ok`, '200 ok'),
  last('Connection: close among others', `${ok(two, 'Connection: x, Close')}ok`, '200 ok'),
  last('Keep-Alive without time', `${ok(two, 'Keep-Alive: timeout=0')}ok`, '200 ok'),
  good(
    'a field that looks like content-length to some',
    `${ok(two, 'Content_Length: 0')}ok`,
    '200 ok',
    {
      lacks: ['content_length'],
    },
  ),
]
