import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { composeResponse, Framing, ResponsePlan } from '../../src/index.ts'
import { parseResponse } from '../head/parsed.ts'

describe('composeResponse', () => {
  it('sends what nobody touched as it came', () => {
    const text =
      'HTTP/1.1 200 Fine  by me\r\nDate: x\r\nSET-cookie: a\r\nset-cookie: b\r\nContent-Length: 3\r\n\r\n'

    expect(relay(text, { framing: 3 })).toBe(text)
  })

  it('answers as HTTP/1.1 and adds a reason if there is none', () => {
    expect(relay('HTTP/1.0 404 X\r\n\r\n')).toBe('HTTP/1.1 404 X\r\n\r\n')
    expect(relay('HTTP/1.1 404\r\n\r\n')).toBe('HTTP/1.1 404 Not Found\r\n\r\n')
    expect(relay('HTTP/1.1 404 \r\n\r\n')).toBe('HTTP/1.1 404 Not Found\r\n\r\n')
    expect(relay('HTTP/1.1 404 X\r\n\r\n', { status: 503 })).toBe(
      'HTTP/1.1 503 Service Unavailable\r\n\r\n',
    )
    expect(relay('HTTP/1.1 404 X\r\n\r\n', { status: 404 })).toBe('HTTP/1.1 404 X\r\n\r\n')
  })

  it('removes the fields of one hop, and those that Connection names', () => {
    const sent = relay(
      response(
        'Connection: close, X-Secret',
        'X-Secret: 1',
        'Transfer-Encoding: chunked',
        'Proxy-Authenticate: x',
        'Keep-Alive: timeout=5',
        'A: b',
      ),
      { framing: Framing.chunked, connection: 'close' },
    )

    expect(sent).toBe(response('A: b', 'transfer-encoding: chunked', 'connection: close'))
  })

  it.each([
    [Framing.omitted, ['Content-Length: 5', 'A: b']],
    [Framing.none, ['A: b']],
    [Framing.untilClose, ['A: b']],
    [5, ['Content-Length: 5', 'A: b']],
    [4, ['A: b', 'content-length: 4']],
    [Framing.chunked, ['A: b', 'transfer-encoding: chunked']],
  ])('with framing %i sends %j', (framing, lines) => {
    expect(relay(response('Content-Length: 5', 'A: b'), { framing })).toBe(response(...lines))
  })

  it.each(['Content-Length: 05', 'Content-Length:5', 'Content-Length: 5\t'])(
    'describes a body that is left out by the canonical form of "%s"',
    (line) => {
      const sent = relay(response(line), { framing: Framing.omitted })

      expect(sent).toBe(response('content-length: 5'))
    },
  )

  it('describes the body of an answer to HEAD once, and only with a length', () => {
    expect(describeBody('content-length', '5', 'content-length', '6')).toBe(
      response('content-length: 5'),
    )
    expect(describeBody('content-length', '5x')).toBe(response())
    expect(describeBody('transfer-encoding', 'chunked')).toBe(response())
  })

  it('relays the upgrade of a tunnel', () => {
    const text =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: y\r\n\r\n'

    expect(relay(text, { upgrade: 'websocket', framing: Framing.none })).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nX: y\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    )
  })

  it('makes a response out of strings', () => {
    const text = composeAnswer({
      status: 503,
      framing: 0,
      fields: new HeaderList(['retry-after', '1', 'content-length', '5']),
    })

    expect(text).toBe(
      'HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n',
    )
  })
})

const out = Buffer.alloc(65536)

function relay(text: string, changes: Partial<ResponsePlan> = {}): string {
  const head = parseResponse(text)
  return composeAnswer({ head, fields: head, ...changes })
}

function composeAnswer(changes: Partial<ResponsePlan>): string {
  return out.toString(
    'latin1',
    0,
    composeResponse(out, 0, Object.assign(new ResponsePlan(), changes)),
  )
}

/** An answer to HEAD with these fields. */
function describeBody(...list: string[]): string {
  return composeAnswer({ status: 200, framing: Framing.omitted, fields: new HeaderList(list) })
}

function response(...lines: string[]): string {
  return `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}
