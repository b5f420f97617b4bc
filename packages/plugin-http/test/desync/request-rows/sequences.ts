import {
  answered,
  broken,
  chunked,
  get,
  next,
  passes,
  post,
  type RequestRow,
  refused,
  request,
  smuggled,
  waits,
} from '../request-row.ts'

/** What may follow a good request, and must not be taken for one. */
const hostile: readonly (readonly [name: string, sends: string, status: number])[] = [
  ['both lengths', post('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
  ['two hosts', request('GET / HTTP/1.1', 'Host: a', 'Host: b'), 400],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['no version', 'GET /\r\n\r\n', 400],
  ['another version', request('GET / HTTP/2.0', 'Host: a'), 505],
  ['a space before a colon', get('X : y'), 400],
  ['a transfer coding', post('Transfer-Encoding: x'), 501],
  ['an expectation', get('Expect: x'), 417],
  ['a head beyond the bound', get(`X: ${'y'.repeat(17_000)}`), 431],
  ['a target beyond the bound', request(`GET /${'y'.repeat(9000)} HTTP/1.1`, 'Host: a'), 414],
  ['binary data', '\0\x01\x02\x03', 400],
  ['the rest of some body', 'x=1&y=2\r\n', 400],
  ['a status line', 'HTTP/1.1 200 OK\r\n\r\n', 400],
  ['two empty lines', '\r\n\r\n', 400],
]

const many = Array.from({ length: 20 }, (_, i) => `/many/${i}`)

export const sequences: readonly RequestRow[] = [
  ...hostile.map(([name, sends, status]) =>
    passes(`a good request, then ${name}`, next + sends + smuggled, 'GET /next -', {
      gets: [200, status],
      ends: 'closed',
    }),
  ),
  ...hostile.map(([name, sends, status]) =>
    refused(`${name}, then a good request`, sends + next + smuggled, status),
  ),
  passes(
    'twenty requests at once',
    many.map((path) => request(`GET ${path} HTTP/1.1`, 'Host: a')).join(''),
    many.map((path) => `GET ${path} -`),
  ),
  passes(
    'requests of all framings at once',
    `${next}${post('Content-Length: 2')}ab${chunked('2\r\ncd\r\n0\r\n\r\n')}${get()}`,
    ['GET /next -', 'POST / length ab', 'POST / chunked cd', 'GET / -'],
  ),
  passes(
    'a HEAD, then a GET',
    request('HEAD / HTTP/1.1', 'Host: a') + next,
    ['HEAD / -', 'GET /next -'],
    { methods: ['HEAD'] },
  ),
  passes('a line end that some send behind a body', `${post('Content-Length: 2')}ab\r\n${next}`, [
    'POST / length ab',
    'GET /next -',
  ]),
  passes(
    'a good request, then a broken body',
    `${next}${chunked('x\r\n')}${smuggled}`,
    'GET /next -',
    {
      gets: [200, 400],
      ends: 'closed',
      cut: true,
    },
  ),
  broken('a broken body, then a good request', chunked('2\r\nabc\r\n0\r\n\r\n') + next),
  passes(
    'a body one byte shorter than its length takes the first byte of the next request',
    `${post('Content-Length: 3')}ab${request('XGET /next HTTP/1.1', 'Host: a')}`,
    ['POST / length abX', 'GET /next -'],
  ),
  passes(
    'a body one byte longer than its length spoils the next request',
    `${post('Content-Length: 2')}ab ${next}`,
    'POST / length ab',
    { gets: [200, 400], ends: 'closed' },
  ),
  passes(
    'a good request, then half a one',
    `${next}GET /half HTTP/1.1\r\nHost: a\r\nX`,
    'GET /next -',
    { ends: 'waits' },
  ),
  // The router refuses the path; nobody reads the body.
  answered(
    'a body of a request that is refused is not read as one',
    `${request('POST /a%00b HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`)}${smuggled}`,
    400,
  ),
  answered(
    'chunks of a request that is refused are not read as one',
    `${request('POST /a%00b HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    400,
  ),
  passes(
    'a refused request with a body, then a good one',
    `${request('POST /a%00b HTTP/1.1', 'Host: a', 'Content-Length: 3')}GET${next}`,
    'GET /next -',
    { gets: [400, 200] },
  ),
  refused(
    'a refused request with broken chunks',
    `${request('POST /a%00b HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}2\r\nabc\r\n${smuggled}`,
  ),
  refused(
    'a refused request with a body that is too much to be thrown away',
    `${request('POST /a%00b HTTP/1.1', 'Host: a', 'Content-Length: 99999999')}${smuggled}`,
  ),
  refused(
    'a refused request whose body may or may not come',
    request('POST /a%00b HTTP/1.1', 'Host: a', 'Expect: 100-continue', 'Content-Length: 40'),
  ),
  waits('half a request', 'GET /half HTTP/1.1\r\nHost: a\r\n'),
  waits('half a request line', 'GET /ha'),
  waits('half an empty line', '\r'),
  waits('half a line end', 'GET / HTTP/1.1\r\nHost: a\r\n\r'),
  // The upstream answers while the body is still on its way.
  passes(
    'an early answer does not turn the body into a request',
    `${request('POST /early HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`)}${smuggled}`,
    `POST /early length ${smuggled}`,
    { cut: true },
  ),
  passes(
    'an early answer, and a request behind the body',
    `${request('POST /early HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`)}${smuggled}${next}`,
    [`POST /early length ${smuggled}`, 'GET /next -'],
    { cut: true },
  ),
  passes(
    'an early answer to chunks, and a request behind them',
    `${request('POST /early HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${next}`,
    [`POST /early chunked ${smuggled}`, 'GET /next -'],
    { cut: true },
  ),
  passes(
    'an early answer to chunks that turn out to be none',
    `${request('POST /early HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}2\r\nabc\r\n0\r\n\r\n${smuggled}`,
    [],
    // All at once, the fault shows before the upstream can answer.
    { gets: [400], slowly: [200], cut: true, ends: 'closed' },
  ),
]
