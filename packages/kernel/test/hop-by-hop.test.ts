import { describe, expect, it } from 'vitest'
import { HeaderList } from '../src/headers.ts'
import { removeHopByHop } from '../src/hop-by-hop.ts'

describe('fields of one connection', () => {
  it('are removed', () => {
    expect(
      left([
        'host',
        'app.test',
        'connection',
        'keep-alive',
        'keep-alive',
        'timeout=5',
        'proxy-connection',
        'keep-alive',
        'transfer-encoding',
        'chunked',
        'upgrade',
        'websocket',
        'http2-settings',
        'AAMAAABk',
        'accept',
        '*/*',
      ]),
    ).toEqual(['host', 'app.test', 'accept', '*/*'])
  })

  it('are also those that connection names, however it is written', () => {
    const headers = ['connection', 'X-A ,, x-b', 'x-a', '1', 'connection', 'close,x-c', 'x-b', '2']

    expect(left([...headers, 'x-c', '3', 'x-d', '4'])).toEqual(['x-d', '4'])
  })

  it.each(['host', 'authorization', 'content-length', 'x-forwarded-for', 'forwarded', 'x-real-ip'])(
    'are not what others rely on, even if connection names it: %s',
    (name) => {
      expect(left(['connection', name, name, 'x'])).toEqual([name, 'x'])
    },
  )

  it.each([
    ['trailers', ['te', 'trailers']],
    ['gzip, Trailers', ['te', 'trailers']],
    ['gzip', []],
    ['trailersx', []],
  ])('include te, but for its trailers: %s', (te, expected) => {
    expect(left(['te', te])).toEqual(expected)
    expect(left(['connection', 'te', 'te', te])).toEqual(expected)
  })
})

function left(fields: string[]): readonly string[] {
  const headers = new HeaderList(fields)
  removeHopByHop(headers)
  return headers.raw()
}
