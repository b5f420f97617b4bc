import { bad, good, last, ok, type ResponseRow, response, smuggled } from '../response-row.ts'

const final = `${ok('Content-Length: 2')}ok`
const goOn = response('HTTP/1.1 100 Continue')
const hints = response('HTTP/1.1 103 Early Hints', 'Link: </a>; rel=preload')

export const interim: readonly ResponseRow[] = [
  good('a 100 that nobody waits for', goOn + final, '200 ok'),
  good('two of them', goOn + goOn + final, '200 ok'),
  good('a 102', response('HTTP/1.1 102 Processing') + final, '102 200 ok'),
  good('a 103', hints + final, '103 200 ok'),
  good('two 103', hints + hints + final, '103 103 200 ok'),
  good('a 199', response('HTTP/1.1 199 Odd') + final, '199 200 ok'),
  good('a 103 with a length and no body', framed('Content-Length: 2') + final, '103 200 ok'),
  good('a 103 in chunks and no body', framed('Transfer-Encoding: chunked') + final, '103 200 ok'),
  good('a 100 with a length and no body', continued('Content-Length: 2') + final, '200 ok'),
  good('a 100 that says close', continued('Connection: close') + final, '200 ok'),
  good('an answer to HEAD after a 103', hints + ok('Content-Length: 2'), '103 200', {
    method: 'HEAD',
  }),
  bad('a 101 that nobody asked for', switching('websocket')),
  bad('a 101 to HTTP/2', `${switching('h2c')}\0\0\0\x04\0\0\0\0\0`),
  bad('a 101 and a response behind it', switching('h2c') + final),
  bad('a 101 without Upgrade', response('HTTP/1.1 101 Switching Protocols')),
  bad('a 100 with a body', `${continued('Content-Length: 2')}ok${final}`),
  bad('a 100 in chunks', `${continued('Transfer-Encoding: chunked')}0\r\n\r\n${final}`),
  bad('a 100 with two lengths', continued('Content-Length: 2', 'Content-Length: 3') + final),
  bad(
    'a 100 with both lengths',
    continued('Content-Length: 2', 'Transfer-Encoding: chunked') + final,
  ),
  bad('a 100 with a folded line', continued('X: y', ' z') + final),
  bad('a 100 with an empty line behind it', `${goOn}\r\n${final}`),
  bad('100 without an end', goOn.repeat(3000)),
  bad('a 100 and nothing else', goOn, { closes: true }),
  bad('a 100 and garbage', `${goOn}<html>\n`),
  last('a 100 behind the response', final + goOn, '200 ok'),
  last('a 103 behind the response', final + hints, '200 ok'),
  last('a 103, and a response behind the response', hints + final + smuggled, '103 200 ok'),
]

function continued(...lines: readonly string[]): string {
  return response('HTTP/1.1 100 Continue', ...lines)
}

function framed(line: string): string {
  return response('HTTP/1.1 103 Early Hints', line)
}

function switching(protocol: string): string {
  return response('HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', `Upgrade: ${protocol}`)
}
