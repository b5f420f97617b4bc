import { broken, chunked, next, passes, type RequestRow, smuggled, waits } from '../request-row.ts'

const hello = '5\r\nhello\r\n'
const last = '0\r\n\r\n'

/** Bodies that no two readers can be trusted to read alike. */
const faults: readonly (readonly [name: string, body: string])[] = [
  ['a size with a plus sign', `+5\r\nhello\r\n${last}`],
  ['a size with a minus sign', `-5\r\nhello\r\n${last}`],
  ['a size with 0x', `0x5\r\nhello\r\n${last}`],
  ['a size with 0X', `0X5\r\nhello\r\n${last}`],
  ['a size with x', `x5\r\nhello\r\n${last}`],
  ['a size with a backslash', `\\5\r\nhello\r\n${last}`],
  ['a size with h', `5h\r\nhello\r\n${last}`],
  ['a size in quotes', `"5"\r\nhello\r\n${last}`],
  ['a size with an underscore', `0_5\r\nhello\r\n${last}`],
  ['a size with a fraction', `5.0\r\nhello\r\n${last}`],
  ['a size with a comma', `5,\r\nhello\r\n${last}`],
  ['a size with a letter beyond f', `5g\r\nhello\r\n${last}`],
  ['a space before the size', ` 5\r\nhello\r\n${last}`],
  ['a tab before the size', `\t5\r\nhello\r\n${last}`],
  ['a space after the size', `5 \r\nhello\r\n${last}`],
  ['a tab after the size', `5\t\r\nhello\r\n${last}`],
  ['a space inside the size', `0 5\r\nhello\r\n${last}`],
  ['a space between size and extension', `5 ;a\r\nhello\r\n${last}`],
  ['a space after the last size', `${hello}0 \r\n\r\n`],
  ['a NUL after the size', `5\0\r\nhello\r\n${last}`],
  ['a NUL before the size', `\x005\r\nhello\r\n${last}`],
  ['a high byte after the size', `5\xa0\r\nhello\r\n${last}`],
  ['a size that is empty', `\r\nhello\r\n${last}`],
  ['an extension without a size', `;a=b\r\nhello\r\n${last}`],
  ['a size of 14 digits', `00000000000005\r\nhello\r\n${last}`],
  ['a size with hundreds of zeros', `${'0'.repeat(300)}5\r\nhello\r\n${last}`],
  ['a last size with hundreds of zeros', `${hello}${'0'.repeat(300)}\r\n\r\n`],
  ['a size of 2^64 and 5', `10000000000000005\r\nhello\r\n${last}`],
  ['a size of 2^64 less 1', `ffffffffffffffff\r\nhello\r\n${last}`],
  ['a size that 64 bits read as negative', `fffffffffffffffb\r\nhello\r\n${last}`],
  ['a line feed alone after the size', `5\nhello\r\n${last}`],
  ['a carriage return alone after the size', `5\rhello\r\n${last}`],
  ['two carriage returns after the size', `5\r\r\nhello\r\n${last}`],
  ['a line feed alone after the data', `5\r\nhello\n${last}`],
  ['a carriage return alone after the data', `5\r\nhello\r${last}`],
  ['nothing after the data', `5\r\nhello${last}`],
  ['two line ends after the data', `5\r\nhello\r\n\r\n${last}`],
  ['a space after the data', `5\r\nhello \r\n${last}`],
  ['data longer than its size', `5\r\nhello!\r\n${last}`],
  ['data shorter than its size', `8\r\nhello\r\n${last}`],
  ['a line feed alone after the last size', '0\n\r\n'],
  ['a carriage return alone after the last size', '0\r\rX'],
  ['a line feed alone at the end', '0\r\n\n'],
  ['a carriage return alone at the end', `0\r\n\r${next}`],
  ['line feeds alone everywhere', '5\nhello\n0\n\n'],
  ['an extension with a line feed', `5;a\nhello\r\n${last}`],
  ['an extension with a carriage return', `5;a\rb\r\nhello\r\n${last}`],
  ['an extension with a carriage return at its end', `5;a\r\r\nhello\r\n${last}`],
  ['an extension with a NUL', `5;a\0b\r\nhello\r\n${last}`],
  ['an extension with DEL', `5;a\x7f\r\nhello\r\n${last}`],
  ['an extension with a vertical tab', `5;\v\r\nhello\r\n${last}`],
  ['a quoted extension with a line end', `5;a="\r\n${smuggled}"\r\nhello\r\n${last}`],
  ['a last extension with a line feed', `0;a\n${smuggled}`],
  ['a request where the last chunk should be', `${hello}${smuggled}`],
  ['a request where the trailers should be', `0\r\n${smuggled}`],
  ['a trailer with content-length', '0\r\nContent-Length: 40\r\n\r\n'],
  ['a trailer with transfer-encoding', '0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a trailer with a space before the colon', '0\r\nX : y\r\n\r\n'],
  ['a trailer without a name', '0\r\n: y\r\n\r\n'],
  ['a trailer without a colon', '0\r\nX\r\n\r\n'],
  ['a folded trailer', '0\r\nX: y\r\n z\r\n\r\n'],
  ['a trailer with a NUL', '0\r\nX: \0\r\n\r\n'],
  ['a trailer with a line feed', '0\r\nX: y\nZ: z\r\n\r\n'],
  ['a trailer with a carriage return', '0\r\nX: y\rZ: z\r\n\r\n'],
  ['a trailer that begins with a space', '0\r\n X: y\r\n\r\n'],
  ['trailers beyond their bound', `0\r\nX: ${'y'.repeat(5000)}\r\n\r\n`],
  ['extensions beyond their bound', `5;${'x'.repeat(5000)}\r\nhello\r\n${last}`],
  ['many extensions beyond their bound', `${`1;${'x'.repeat(70)}\r\na\r\n`.repeat(60)}${last}`],
]

export const chunks: readonly RequestRow[] = [
  ...faults.map(([name, body]) => {
    // What is behind is never looked at.
    const status = name === 'trailers beyond their bound' ? 400 : 400
    return broken(`chunks with ${name}`, chunked(body) + smuggled, { gets: [status] })
  }),
  broken('chunks with too many trailers', chunked(`0\r\n${'X: y\r\n'.repeat(101)}\r\n`), {
    gets: [431],
  }),
  passes('chunks', chunked(`${hello}1\r\n!\r\n${last}`) + next, [
    'POST / chunked hello!',
    'GET /next -',
  ]),
  passes('no chunk but the last', chunked(last) + next, ['POST / chunked', 'GET /next -']),
  passes(
    'a chunk that holds a request',
    chunked(`28\r\n${smuggled}\r\n${last}`.replace('28', smuggled.length.toString(16))) + next,
    [`POST / chunked ${smuggled}`, 'GET /next -'],
  ),
  passes('a chunk that holds the last chunk', chunked(`5\r\n${last}\r\n${last}`) + next, [
    `POST / chunked ${last}`,
    'GET /next -',
  ]),
  passes('sizes with leading zeros go on without', chunked(`0005\r\nhello\r\n000\r\n\r\n`) + next, [
    'POST / chunked hello',
    'GET /next -',
  ]),
  passes('sizes in upper case', chunked(`A\r\n0123456789\r\n${last}`) + next, [
    'POST / chunked 0123456789',
    'GET /next -',
  ]),
  passes('extensions stay behind', chunked(`5;a=b;c="d;e"\r\nhello\r\n0;x\r\n\r\n`) + next, [
    'POST / chunked hello',
    'GET /next -',
  ]),
  passes('extensions that are none stay behind', chunked(`5;;="\r\nhello\r\n${last}`) + next, [
    'POST / chunked hello',
    'GET /next -',
  ]),
  passes(
    'an extension that looks like a size stays behind',
    chunked(`5;0\r\nhello\r\n0;5\r\n\r\n`) + next,
    ['POST / chunked hello', 'GET /next -'],
  ),
  passes('trailers', chunked(`${hello}0\r\nX-Sum: 1\r\nY: \r\n\r\n`) + next, [
    'POST / chunked hello +x-sum: 1 +y: ',
    'GET /next -',
  ]),
  passes(
    'trailers that could pass for header fields stay behind',
    chunked(
      `${hello}0\r\nHost: evil\r\nAuthorization: x\r\nCookie: a\r\nX-Forwarded-For: 1.2.3.4\r\n` +
        'Content-Type: x\r\nConnection: x\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nTE: x\r\n\r\n',
    ) + next,
    ['POST / chunked hello', 'GET /next -'],
  ),
  passes(
    'trailers with an underscore stay behind if they frame for some',
    chunked(`${hello}0\r\nContent_Length: 0\r\nTransfer_Encoding: x\r\n\r\n`) + next,
    ['POST / chunked hello', 'GET /next -'],
  ),
  passes(
    'trailers that Connection names stay behind',
    `POST / HTTP/1.1\r\nHost: a\r\nConnection: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${hello}0\r\nX-Sum: 1\r\n\r\n`,
    'POST / chunked hello',
  ),
  waits('chunks without the last line end', chunked(`${hello}0\r\n`)),
  waits('chunks without the last chunk', chunked(hello)),
  waits('a chunk that is larger than what comes', chunked(`fffff\r\n${smuggled}`)),
  waits('a size of 13 digits', chunked(`fffffffffffff\r\n${smuggled}`)),
  waits('a size without its line end', chunked('5')),
]
