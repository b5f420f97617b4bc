import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RouterOptions } from '../src/index.ts'
import { compileRouters, exchangeOf, matches } from './test-routing.ts'

type Normalization = RouterOptions['path_normalization']

const routers = { any: 'PathPrefix(`/`) || Method(`OPTIONS`)' }

function send(target: string, normalization: Normalization): string {
  const exchange = exchangeOf({ target })
  compileRouters(routers, { path_normalization: normalization }).findRoute(exchange)
  return exchange.request.target
}

const unsafe = expect.objectContaining({ status: 400, code: 'GW_ROUTER_UNSAFE_PATH' })
const malformed = expect.objectContaining({ status: 400, code: 'GW_ROUTER_MALFORMED_PATH' })

describe('routing path', () => {
  it.each([
    ['/a%62c', '/abc'],
    ['/a%7Eb', '/a~b'],
    ['/%7e%2D%5F', '/~-_'],
    ['/a%20b', '/a b'],
    ['/%22%3C%3E%5E%60%7B%7C%7D', '/"<>^`{|}'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%2Fb', '/a%2fb'],
    [
      '/%3a%3f%23%5b%5d%40%21%24%26%27%28%29%2a%2b%2c%3b%3d',
      '/%3A%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D',
    ],
    ['/100%25', '/100%25'],
    ['/%2525', '/%2525'],
    ['/a%253Ab', '/a%253Ab'],
    ['//a', '//a'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a..b/.c', '/a..b/.c'],
    ['/a#b', '/a'],
    ['/a#b?c', '/a'],
  ])('%s is compared as %s', (target, path) => {
    // A double-quoted literal, since some of the paths have backticks.
    const literal = path.replaceAll('"', '\\"')

    expect(matches(`Path("${literal}")`, { target })).toBe(true)
  })

  it('forwards the path as it was received', () => {
    expect(send('/%61%2fb?c=%64', 'reject')).toBe('/%61%2fb?c=%64')
    expect(send('/%61%2fb?c=%64', 'normalize')).toBe('/%61%2fb?c=%64')
  })

  it.each(['/%', '/%2', '/a%g0', '/a%0g', '/%%41'])('answers 400 to %s', (target) => {
    expect(() => send(target, 'reject')).toThrow(malformed)
    expect(() => send(target, 'raw')).toThrow(malformed)
  })

  it.each(['/%00', '/a%0a', '/a%0D%0Ab', '/%1f', '/%7F'])('answers 400 to %s', (target) => {
    expect(() => send(target, 'reject')).toThrow(unsafe)
    expect(() => send(target, 'raw')).toThrow(unsafe)
  })

  it('tells the client what is wrong with its path, and no more', () => {
    const { findRoute } = compileRouters(routers)

    expect(() => findRoute(exchangeOf({ target: '/a/%zz' }))).toThrow(
      'the path has a malformed percent-escape at character 4',
    )
    expect(() => findRoute(exchangeOf({ target: '/a/../b' }))).toThrow('the path has a dot segment')
  })
})

describe('path_normalization', () => {
  const dotted = [
    ['/public/../admin', '/admin'],
    ['/public/%2e%2e/admin', '/admin'],
    ['/public/.%2E/admin?q=1', '/admin?q=1'],
    ['/public/%2e./admin', '/admin'],
    ['/public/./x', '/public/x'],
    ['/public/%2e/x', '/public/x'],
    ['/public/x/..', '/public/'],
    ['/public/x/.', '/public/x/'],
    ['/..', '/'],
    ['/.', '/'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/b/c/../../d', '/a/d'],
    ['/a//../b', '/a/b'],
    ['/a/../b/%61', '/b/%61'],
  ] as const

  it.each(dotted)('answers 400 to %s by default', (target) => {
    expect(() => send(target, 'reject')).toThrow(unsafe)
  })

  it.each(dotted)('forwards %s as %s with "normalize"', (target, forwarded) => {
    expect(send(target, 'normalize')).toBe(forwarded)
  })

  it.each(dotted)('leaves %s alone with "raw"', (target) => {
    expect(send(target, 'raw')).toBe(target)
  })

  it.each([
    '/a\\b',
    '/a%5Cb',
    '/public/..%5cadmin',
    '/public/..%2fadmin',
    '/public%2F..%2Fadmin',
    '/public/..;/admin',
    '/public/..;v=1/admin',
  ])('answers 400 to %s unless it is "raw", because upstreams differ over it', (target) => {
    expect(() => send(target, 'reject')).toThrow(unsafe)
    expect(() => send(target, 'normalize')).toThrow(unsafe)
    expect(send(target, 'raw')).toBe(target)
  })

  it('refuses an unsafe path even if no router would take it', () => {
    const { route } = compileRouters({ admin: 'Host(`other.com`)' })

    expect(() => route({ target: '/../x' })).toThrow(unsafe)
  })

  it('routes by the resolved path with "normalize" and by the received one with "raw"', () => {
    const both = { public: 'PathPrefix(`/public`)', admin: 'PathPrefix(`/admin`)' }
    const target = '/public/%2e%2e/admin'

    expect(compileRouters(both, { path_normalization: 'normalize' }).route({ target })).toBe(
      'admin',
    )
    expect(compileRouters(both, { path_normalization: 'raw' }).route({ target })).toBe('public')
  })

  it('lets no path through that an upstream could resolve to another one', () => {
    const pieces = fc.constantFrom('/', '.', '..', '%2e', '%2E', '%2f', 'a', '%61', ';', '%5c')
    const paths = fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
    const modes = fc.constantFrom<Normalization>('reject', 'normalize')

    fc.assert(
      fc.property(paths, modes, (target, mode) => {
        let forwarded: string
        try {
          forwarded = send(target, mode)
        } catch {
          // Refused.
          return
        }
        const decoded = decodeURIComponent(forwarded)
        // What a careless upstream makes of it: everything decoded, parameters cut off.
        const segments = decoded.split('/').map((segment) => segment.split(';')[0])
        expect(segments).not.toContain('..')
        expect(segments).not.toContain('.')
        expect(decoded).not.toContain('\\')
      }),
    )
  })

  it('resolves dot segments as the URL standard does', () => {
    const segments = fc.constantFrom('a', 'b', '.', '..', '%2e', '%2E.', '')
    const paths = fc.array(segments, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'))

    fc.assert(
      fc.property(paths, (path) => {
        // The URL standard keeps empty segments apart as well.
        expect(send(`/${path}`, 'normalize')).toBe(new URL(`http://h/${path}`).pathname)
      }),
    )
  })
})
