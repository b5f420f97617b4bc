import { get, next, passes, type RequestRow, refused, request, smuggled } from '../request-row.ts'

/** Lines that are no field, or not the same one for everybody. */
const lines: readonly (readonly [name: string, line: string])[] = [
  ['a space before the colon', 'X : y'],
  ['a tab before the colon', 'X\t: y'],
  ['two colons before a name', '::X: y'],
  ['no name', ': y'],
  ['no colon', 'X'],
  ['nothing but a space', ' '],
  ['nothing but a tab', '\t'],
  ['a name in quotes', '"X": y'],
  ['a name with a space', 'X Y: z'],
  ['a name with a slash', 'X/Y: z'],
  ['a name with a comma', 'X,Y: z'],
  ['a name with a semicolon', 'X;Y: z'],
  ['a name with an equals sign', 'X=Y: z'],
  ['a name with an at sign', 'X@Y: z'],
  ['a name with a question mark', 'X?Y: z'],
  ['a name with a backslash', 'X\\Y: z'],
  ['a name with parentheses', 'X(Y): z'],
  ['a name with brackets', 'X[Y]: z'],
  ['a name with braces', 'X{Y}: z'],
  ['a name with angle brackets', 'X<Y>: z'],
  ['a name with a NUL', 'X\0: y'],
  ['a name with DEL', 'X\x7f: y'],
  ['a name with an escape', 'X\x1b: y'],
  ['a name in UTF-8', 'X\xc3\xa4: y'],
  ['a name with a byte order mark', '\xef\xbb\xbfX: y'],
  ['a name with a carriage return', 'X\rY: z'],
  ['a name with a line feed', 'X\nY: z'],
  ['a value folded with a space', 'X: y\r\n z'],
  ['a value folded with a tab', 'X: y\r\n\tz'],
  ['a fold that hides a length', 'X: y\r\n Content-Length: 40'],
  ['a fold of nothing', 'X: y\r\n '],
  ['a NUL in a value', 'X: a\0b'],
  ['a bell in a value', 'X: a\x07b'],
  ['a backspace in a value', 'X: a\bb'],
  ['a vertical tab in a value', 'X: a\vb'],
  ['a form feed in a value', 'X: a\fb'],
  ['an escape in a value', 'X: \x1b[2J'],
  ['DEL in a value', 'X: a\x7f'],
  ['a carriage return in a value', 'X: a\rb'],
  ['a carriage return and a field in a value', 'X: a\rContent-Length: 40'],
  ['two carriage returns at the end of a line', 'X: a\r'],
  ['a line feed in a value', 'X: a\nb'],
  ['a line feed and a field in a value', 'X: a\nContent-Length: 40'],
  ['a line feed and a carriage return', 'X: a\n\rY: b'],
  ['a bare line feed as an empty line', 'X: a\n'],
  ['a bare carriage return before a name', '\rX: a'],
  ['a request line among the fields', 'GET /smuggled HTTP/1.1'],
]

export const fieldLines: readonly RequestRow[] = [
  ...lines.map(([name, line]) => refused(`a head with ${name}`, get(line) + smuggled)),
  refused('a first line that is folded', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'),
  refused('an empty name with host behind it', 'GET / HTTP/1.1\r\n:Host: a\r\n\r\n'),
  refused('line feeds alone as line ends', `GET / HTTP/1.1\nHost: a\n\n${smuggled}`),
  refused('carriage returns alone as line ends', `GET / HTTP/1.1\rHost: a\r\r${smuggled}`),
  refused('a line feed alone after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n'),
  refused('a line feed alone after a field', 'GET / HTTP/1.1\r\nHost: a\n\r\n'),
  refused('a line feed alone as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  refused('a carriage return alone as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\rX\n'),
  refused('CR CR LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\r\r\n'),
  refused('LF CR as line ends', 'GET / HTTP/1.1\n\rHost: a\n\r\n\r'),
  passes('a value with tabs, high bytes and symbols', get('X: \t"\xe9\xff";=,\ty\t '), 'GET / -', {
    has: ['x: "\xe9\xff";=,\ty'],
  }),
  passes('an empty value', get('X:', 'Y: '), 'GET / -', { has: ['x: ', 'y: '] }),
  passes('a name of symbols', get("!#$%&'*+-.^_`|~09: y"), 'GET / -'),
  passes('a value with an encoded line end', get('X: a%0d%0aContent-Length: 40') + next, [
    'GET / -',
    'GET /next -',
  ]),
  passes('a value with an escaped line end', get('X: a\\r\\nContent-Length: 40') + next, [
    'GET / -',
    'GET /next -',
  ]),
  passes(
    'a value that some read as a line end when they drop the high bits',
    get('X: a\xc4\x8d\xc4\x8aContent-Length: 40', 'Y: b\x8d\x8aZ: c') + next,
    ['GET / -', 'GET /next -'],
  ),
  passes('fields with an underscore', get('X_Y: z'), 'GET / -', { has: ['x_y: z'] }),
  passes(
    'fields that a client may not say about itself, with underscores',
    get('X_Forwarded_For: 1.2.3.4', 'X-Forwarded_Host: b', 'x_real_ip: 1.2.3.4'),
    'GET / -',
    { lacks: ['x_forwarded_for', 'x-forwarded_host', 'x_real_ip'], has: ['x-real-ip: 127.0.0.1'] },
  ),
  passes(
    'fields that a client may not say about itself',
    get('X-Forwarded-For: 1.2.3.4', 'Forwarded: for=1.2.3.4', 'X-Forwarded-Client-Cert: x'),
    'GET / -',
    {
      lacks: ['forwarded', 'x-forwarded-client-cert'],
      has: ['x-forwarded-for: 127.0.0.1', 'x-forwarded-host: a'],
    },
  ),
  passes(
    'fields that override method, URL or host are ordinary ones',
    get('X-HTTP-Method-Override: POST', 'X-Original-URL: /admin', 'X-Host: b', 'X-Rewrite-URL: /b'),
    'GET / -',
    { has: ['x-http-method-override: POST', 'x-original-url: /admin', 'host: a'] },
  ),
  passes('a repeated field', get('X: 1', 'x: 2', 'X: 1'), 'GET / -', { has: ['x: 1', 'x: 2'] }),
  refused('one more than 100 lines', get(...Array.from({ length: 100 }, () => 'X: y')), 431),
  passes('100 lines', get(...Array.from({ length: 99 }, () => 'X: y')), 'GET / -'),
  refused('a head beyond 16 KiB', get(`X: ${'y'.repeat(16_384)}`), 431),
  refused('a head beyond 16 KiB of many lines', get(...manyLines(80)), 431),
  refused('a name beyond 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\n${'x'.repeat(17_000)}`, 431),
  refused('blanks beyond 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX:${' '.repeat(17_000)}`, 431),
  passes('a head of exactly 16 KiB', headOf(16_384), 'GET / -'),
  refused('a head of 16 KiB and a byte', headOf(16_385), 431),
  refused('a fault in front of too much', get(`X : ${'y'.repeat(17_000)}`)),
]

function manyLines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `X-${i}: ${'y'.repeat(250)}`)
}

function headOf(bytes: number): string {
  const rest = request('GET / HTTP/1.1', 'Host: a', 'X: ').length
  return get(`X: ${'y'.repeat(bytes - rest)}`)
}
