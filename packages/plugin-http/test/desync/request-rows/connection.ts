import {
  answered,
  get,
  next,
  passes,
  post,
  type RequestRow,
  refused,
  request,
  smuggled,
} from '../request-row.ts'

/** Fields that a client may not have removed: without them the upstream would see something else. */
const protectedFields: readonly (readonly [name: string, line: string, kept: string])[] = [
  ['host', 'X: y', 'host: a'],
  ['authorization', 'Authorization: Basic x', 'authorization: Basic x'],
  ['x-forwarded-for', 'X: y', 'x-forwarded-for: 127.0.0.1'],
  ['x-forwarded-host', 'X: y', 'x-forwarded-host: a'],
  ['x-forwarded-proto', 'X: y', 'x-forwarded-proto: http'],
  ['x-forwarded-port', 'X: y', 'x-forwarded-port: 80'],
  ['x-real-ip', 'X: y', 'x-real-ip: 127.0.0.1'],
]

/** Options that are no token name no field. */
const odd = [',', ',,', ' , close2', '"x"', 'a b', '\xff', 'x;y', ': x', 'host:', '']

export const connection: readonly RequestRow[] = [
  ...protectedFields.map(([name, line, kept]) =>
    passes(`Connection cannot remove ${name}`, get(`Connection: ${name}`, line), 'GET / -', {
      has: [kept],
      lacks: ['connection'],
    }),
  ),
  passes(
    'Connection cannot remove content-length',
    post('Connection: Content-Length', `Content-Length: ${smuggled.length}`) + smuggled,
    `POST / length ${smuggled}`,
  ),
  passes(
    'Connection cannot remove transfer-encoding',
    `${post('Connection: Transfer-Encoding', 'Transfer-Encoding: chunked')}2\r\nab\r\n0\r\n\r\n`,
    'POST / chunked ab',
  ),
  passes(
    'Connection cannot remove everything at once',
    `${post('Connection: host, content-length, transfer-encoding, x-forwarded-for, close-not', 'Content-Length: 2')}ab`,
    'POST / length ab',
    { has: ['host: a', 'x-forwarded-for: 127.0.0.1'] },
  ),
  passes('Connection removes a cookie', get('Connection: Cookie', 'Cookie: a=b'), 'GET / -', {
    lacks: ['cookie', 'connection'],
  }),
  passes(
    'Connection removes what it names, in any case',
    get('Connection: x-SECRET , keep-alive', 'X-Secret: 1', 'x-secret: 2', 'Y: z'),
    'GET / -',
    { lacks: ['x-secret', 'keep-alive'], has: ['y: z'] },
  ),
  passes(
    'two Connection lines remove what both name',
    get('Connection: X', 'X: 1', 'Y: 2', 'Connection: Y'),
    'GET / -',
    { lacks: ['x', 'y'] },
  ),
  passes('Proxy-Connection removes nothing', get('Proxy-Connection: X', 'X: 1'), 'GET / -', {
    has: ['x: 1'],
    lacks: ['proxy-connection'],
  }),
  passes(
    'Keep-Alive and Proxy-Authorization stay behind',
    get('Keep-Alive: timeout=5', 'Proxy-Authorization: Basic x', 'Proxy-Connection: keep-alive'),
    'GET / -',
    { lacks: ['keep-alive', 'proxy-authorization', 'proxy-connection'] },
  ),
  ...odd.map((value) =>
    passes(
      `Connection ${JSON.stringify(value)} changes nothing`,
      get(`Connection: ${value}`),
      'GET / -',
      {
        has: ['host: a'],
        lacks: ['connection'],
      },
    ),
  ),
  passes(
    'close, and a request behind it that nobody reads',
    get('Connection: close') + smuggled,
    'GET / -',
    {
      ends: 'closed',
    },
  ),
  passes('Close in another case', get('Connection: CLOSE') + smuggled, 'GET / -', {
    ends: 'closed',
  }),
  passes('close among others', get('Connection: x, close , y') + smuggled, 'GET / -', {
    ends: 'closed',
  }),
  passes('close and keep-alive', get('Connection: keep-alive, close') + smuggled, 'GET / -', {
    ends: 'closed',
  }),
  passes(
    'close after a body, and a request behind it',
    `${post('Connection: close', 'Content-Length: 2')}ab${smuggled}`,
    'POST / length ab',
    { ends: 'closed' },
  ),
  passes('an upgrade to HTTP/2 is left out', get(...h2c()) + next, ['GET / -', 'GET /next -'], {
    lacks: ['upgrade', 'http2-settings', 'connection'],
  }),
  passes(
    'an upgrade to HTTP/2 without Connection is left out',
    get('Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAA') + next,
    ['GET / -', 'GET /next -'],
    { lacks: ['upgrade', 'http2-settings'] },
  ),
  passes(
    'an upgrade to HTTP/2, and its frames behind it',
    `${get(...h2c())}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
    'GET / -',
    { gets: [200, 505], ends: 'closed' },
  ),
  passes(
    'an upgrade to HTTP/2 of a POST',
    `${post(...h2c(), 'Content-Length: 2')}ab${next}`,
    ['POST / length ab', 'GET /next -'],
    { lacks: ['upgrade', 'http2-settings'] },
  ),
  answered(
    'a handshake of a websocket that is none',
    get('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 777'),
    400,
  ),
  passes(
    'an upgrade to TLS is left out',
    get('Connection: upgrade', 'Upgrade: TLS/1.0'),
    'GET / -',
    {
      lacks: ['upgrade'],
    },
  ),
  passes(
    'TE is reduced to trailers',
    get('Connection: TE', 'TE: gzip, trailers;q=1, trailers'),
    'GET / -',
    {
      has: ['te: trailers', 'connection: te'],
    },
  ),
  passes('TE without trailers is left out', get('TE: chunked, gzip;q=0.5'), 'GET / -', {
    lacks: ['te'],
  }),
  passes(
    'an expectation is answered here',
    `${post('Expect: 100-continue', 'Content-Length: 2')}ab${next}`,
    ['POST / length ab', 'GET /next -'],
    { lacks: ['expect'], slowly: [100, 200, 200] },
  ),
  passes(
    'an expectation without a body',
    get('Expect: 100-continue') + next,
    ['GET / -', 'GET /next -'],
    {
      lacks: ['expect'],
    },
  ),
  passes(
    'an expectation of HTTP/1.0',
    `${request('POST / HTTP/1.0', 'Host: a', 'Expect: 100-continue', 'Content-Length: 2')}ab`,
    'POST / length ab',
    { lacks: ['expect'], ends: 'closed' },
  ),
  passes(
    'the same expectation twice',
    `${post('Expect: 100-continue', 'Expect: 100-CONTINUE', 'Content-Length: 2')}ab`,
    'POST / length ab',
    { lacks: ['expect'], slowly: [100, 200] },
  ),
  ...['', 'x', '100-continue, x', '100-continue; x', 'y 100-continue', '200-ok'].map((value) =>
    refused(
      `the expectation ${JSON.stringify(value)}`,
      `${post(`Expect: ${value}`, `Content-Length: ${smuggled.length}`)}${smuggled}`,
      417,
    ),
  ),
  refused('an expectation folded', `${post('Expect:', ' 100-continue', 'Content-Length: 2')}ab`),
]

function h2c(): string[] {
  return ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAA']
}
