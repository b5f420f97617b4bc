import {
  get,
  next,
  passes,
  post,
  type RequestRow,
  refused,
  request,
  smuggled,
} from '../request-row.ts'

const chunkedLine = 'Transfer-Encoding: chunked'
const short = 'Content-Length: 6'
const long = `Content-Length: ${smuggled.length + 5}`
/** Six bytes by the length, and a whole body by the chunks: the rest is another request. */
const clTe = '0\r\n\r\nG'
/** One chunk that holds a request; by its length, the body ends before that. */
const teCl = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`

/** Ways to say both that at least one known reader has not seen as both. */
const disguises: readonly (readonly [name: string, line: string, status: number])[] = [
  ['xchunked', 'Transfer-Encoding: xchunked', 400],
  ['identity', 'Transfer-Encoding: identity', 400],
  ['chunked, identity', 'Transfer-Encoding: chunked, identity', 400],
  ['a vertical tab', 'Transfer-Encoding:\vchunked', 400],
  ['a tab', 'Transfer-Encoding:\tchunked', 400],
  ['upper case', 'TRANSFER-ENCODING: CHUNKED', 400],
  ['a space before the colon', 'Transfer-Encoding : chunked', 400],
  ['a folded line', 'Transfer-Encoding:\r\n chunked', 400],
  ['a line feed', 'X: y\nTransfer-Encoding: chunked', 400],
  ['nothing as its value', 'Transfer-Encoding:', 400],
  ['quotes', 'Transfer-Encoding: "chunked"', 400],
]

export const bothLengths: readonly RequestRow[] = [
  refused('CL.TE: a length, then chunked', post(short, chunkedLine) + clTe),
  refused('CL.TE: chunked, then a length', post(chunkedLine, short) + clTe),
  refused('TE.CL: a length, then chunked', post('Content-Length: 4', chunkedLine) + teCl),
  refused('TE.CL: chunked, then a length', post(chunkedLine, 'Content-Length: 4') + teCl),
  refused('a length of zero beside chunked', post('Content-Length: 0', chunkedLine) + teCl),
  refused('a right length beside chunked', `${post('Content-Length: 5', chunkedLine)}0\r\n\r\n`),
  refused('both in a GET', get(long, chunkedLine) + clTe + smuggled),
  refused('both in HTTP/1.0', request('POST / HTTP/1.0', 'Host: a', short, chunkedLine) + clTe),
  refused('both, with a field between', post(short, 'X: y', chunkedLine) + clTe),
  refused(
    'both, with the length nominated by Connection',
    post('Connection: content-length', short, chunkedLine) + clTe,
  ),
  refused(
    'both, with the coding nominated by Connection',
    post('Connection: transfer-encoding', short, chunkedLine) + clTe,
  ),
  refused('TE.TE: chunked and x, with a length', post(short, chunkedLine, 'Transfer-Encoding: x')),
  ...disguises.map(([name, line, status]) =>
    refused(`CL.TE disguised by ${name}`, post(short, line) + clTe, status),
  ),
  ...disguises.map(([name, line]) =>
    refused(
      `TE.CL disguised by ${name}`,
      post(line, 'Content-Length: 4') + teCl,
      /identity$|: xchunked$/.test(line) && !line.includes(',') ? 501 : 400,
    ),
  ),
  // CL.0: the upstream may think that such a request has no body.
  passes(
    'CL.0: a body of a request that looks static',
    `${request('POST /style.css HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`)}${smuggled}${next}`,
    [`POST /style.css length ${smuggled}`, 'GET /next -'],
  ),
  passes(
    'CL.0: a body with half a request, and the other half behind it',
    `${post('Content-Length: 26')}GET /smuggled HTTP/1.1\r\nX: ${next}`.replace('X: ', 'X:'),
    ['POST / length GET /smuggled HTTP/1.1\r\nX:', 'GET /next -'],
    {},
  ),
  // 0.CL: the gateway may think that such a request has no body.
  passes('0.CL: a GET with a body in chunks', `${get(chunkedLine)}${teCl}${next}`, [
    `GET / chunked ${smuggled}`,
    'GET /next -',
  ]),
  passes(
    '0.CL: a HEAD with a body in chunks',
    `${request('HEAD / HTTP/1.1', 'Host: a', chunkedLine)}${teCl}${next}`,
    [`HEAD / chunked ${smuggled}`, 'GET /next -'],
    { methods: ['HEAD'] },
  ),
  passes(
    '0.CL: a method that nobody knows, with a body',
    `${request('FOO / HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`)}${smuggled}${next}`,
    [`FOO / length ${smuggled}`, 'GET /next -'],
  ),
]
