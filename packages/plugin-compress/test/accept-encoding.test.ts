import { describe, expect, it } from 'vitest'
import { AcceptEncoding } from '../src/accept-encoding.ts'

describe('the coding for Accept-Encoding', () => {
  it.each([
    ['br, gzip', 'br'],
    ['gzip, br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['deflate', 'deflate'],
    ['zstd;q=1, br;q=0.9', 'zstd'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br ; q=0.5 , gzip ; q = 0.8', 'gzip'],
    ['gzip;q=0.5, br;q=0.4, gzip;q=0.3', 'gzip'],
    ['*', 'br'],
    ['*, br;q=0', 'zstd'],
    ['gzip;q=0.5, *;q=0.1', 'gzip'],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['identity', undefined],
    ['identity;q=0', undefined],
    ['*;q=0', undefined],
    ['', undefined],
    ['compress', undefined],
    ['brotli, gzipped', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=abc', undefined],
    ['gzip;q=-1', undefined],
    ['gzip;q=', undefined],
    ['gzip;q=0.000', undefined],
    ['gzip;q=0.001', 'gzip'],
    [',,;,', undefined],
  ])('%j is %s', (accepted, coding) => {
    const accept = new AcceptEncoding(['br', 'zstd', 'gzip', 'deflate'])

    expect(accept.choose(accepted)).toBe(coding)
    expect(accept.choose(accepted)).toBe(coding)
  })

  it('is the first one of the list that the client likes as much', () => {
    expect(new AcceptEncoding(['gzip', 'br']).choose('br, gzip')).toBe('gzip')
    expect(new AcceptEncoding(['gzip']).choose('br')).toBeUndefined()
  })

  it('is right for more values than are remembered', () => {
    const accept = new AcceptEncoding(['gzip'])

    for (let i = 0; i < 1000; i++) expect(accept.choose(`x${i}, gzip`)).toBe('gzip')
  })
})
