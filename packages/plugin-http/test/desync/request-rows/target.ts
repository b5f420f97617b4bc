import { answered, next, passes, type RequestRow, refused, request } from '../request-row.ts'

/** Targets that are none, or mean more than one thing. */
const faults: readonly (readonly [name: string, target: string])[] = [
  ['a fragment', '/a#b'],
  ['a fragment alone', '#'],
  ['a raw high byte', '/caf\xe9'],
  ['raw UTF-8', '/caf\xc3\xa9'],
  ['a NUL', '/a\0b'],
  ['DEL', '/a\x7fb'],
  ['an escape', '/a\x1bb'],
  ['no slash', 'a/b'],
  ['a query alone', '?a'],
  ['a dot', '.'],
  ['a semicolon', ';a'],
  ['a backslash', '\\a'],
  ['an asterisk and a path', '*/a'],
  ['two asterisks', '**'],
  ['an authority', 'a:80'],
  ['a name', 'example.com'],
  ['a scheme alone', 'http:'],
  ['a scheme and one slash', 'http:/a/b'],
  ['a scheme and three slashes', 'http:///a'],
  ['a scheme without an authority', 'http://'],
  ['a scheme and a query', 'http://?a'],
  ['a scheme and a port', 'http://:80/'],
  ['a scheme that is not HTTP', 'ftp://a/'],
  ['a scheme of a websocket', 'ws://a/'],
  ['a scheme of files', 'file:///etc/passwd'],
  ['a scheme of scripts', 'javascript:alert(1)'],
  ['a space in front of its scheme', ' http://a/'],
  ['a user', 'http://u@a/'],
  ['a user and a password', 'http://u:p@a/'],
  ['an empty user', 'http://@a/'],
  ['two hosts by an at sign', 'http://a@b@c/'],
  ['a host with a comma', 'http://a,b/'],
  ['a host with a backslash', 'http://a\\b/'],
  ['a host with a semicolon', 'http://a;b/'],
  ['a host with a percent sign', 'http://a%2fb/'],
  ['a host with quotes', 'http://"a"/'],
  ['a host with an empty port', 'http://a:/'],
  ['a host with a port of letters', 'http://a:b/'],
  ['a host with two ports', 'http://a:80:80/'],
  ['a host with a port beyond 65535', 'http://a:65536/'],
  ['a host with a port of six digits', 'http://a:000080/'],
  ['half an IPv6 address', 'http://[::1/'],
  ['an IPv6 address with a zone', 'http://[fe80::1%25lo]/'],
  ['a name in brackets', 'http://[a]/'],
  ['a fragment behind a host', 'http://a#/b'],
]

/** Targets that only lead astray: a router reads them in one way and an upstream in another. */
const unsafe: readonly (readonly [name: string, target: string])[] = [
  ['a backslash inside', '/\\evil.example'],
  ['dot segments', '/a/../b/./c'],
  ['encoded dot segments', '/a/%2e%2e/b'],
  ['an encoded line end', '/a%0d%0aX:%20y'],
  ['an encoded NUL', '/a%00b'],
  ['a broken escape', '/a%zz%'],
]

/** Targets that an upstream may find odd, but that are sent as they came. */
const odd: readonly (readonly [name: string, target: string])[] = [
  ['two slashes', '//evil.example/a'],
  ['an encoded slash', '/a%2fb'],
  ['an overlong escape', '/%c0%af'],
  ['quotes and braces', '/"<>{}|^`'],
  ['parameters', '/a;b=c/d;e'],
  ['a query with a URL', '/?u=http://evil.example/?a&b'],
  ['an empty query', '/a?'],
  ['two question marks', '/a??b'],
  ['a version inside', '/HTTP/1.1'],
  ['an asterisk', '/*'],
  ['an at sign', '/@evil.example'],
]

export const target: readonly RequestRow[] = [
  ...faults.map(([name, text]) =>
    refused(`a target with ${name}`, request(`GET ${text} HTTP/1.1`, 'Host: a')),
  ),
  ...odd.map(([name, text]) =>
    passes(`a target with ${name} goes on as it came`, request(`GET ${text} HTTP/1.1`, 'Host: a'), [
      `GET ${text} -`,
    ]),
  ),
  ...unsafe.map(([name, text]) =>
    answered(`a target with ${name}`, request(`GET ${text} HTTP/1.1`, 'Host: a'), 400),
  ),
  passes('a target of 8 KiB', request(`GET /${'a'.repeat(8191)} HTTP/1.1`, 'Host: a'), [
    `GET /${'a'.repeat(8191)} -`,
  ]),
  refused(
    'a target of 8 KiB and a byte',
    request(`GET /${'a'.repeat(8192)} HTTP/1.1`, 'Host: a'),
    414,
  ),
  refused('an endless target', `GET /${'a'.repeat(20_000)}`, 414),
  refused('an endless method', 'G'.repeat(20_000)),
  refused('an asterisk with GET', request('GET * HTTP/1.1', 'Host: a')),
  refused('an asterisk with POST', request('POST * HTTP/1.1', 'Host: a')),
  passes('OPTIONS with an asterisk', request('OPTIONS * HTTP/1.1', 'Host: a') + next, [
    'OPTIONS * -',
    'GET /next -',
  ]),
  passes('OPTIONS of a host alone', request('OPTIONS http://b HTTP/1.1', 'Host: a'), [
    'OPTIONS * -',
  ]),
  passes('OPTIONS of a host and a path', request('OPTIONS http://b/ HTTP/1.1', 'Host: a'), [
    'OPTIONS / -',
  ]),
  passes(
    'a URL in place of a path',
    request('GET http://b/c?d HTTP/1.1', 'Host: a'),
    'GET /c?d -',
    {
      has: ['host: b', 'x-forwarded-host: b'],
    },
  ),
  passes('a URL without a path', request('GET http://b HTTP/1.1', 'Host: a'), 'GET / -', {
    has: ['host: b'],
  }),
  passes('a URL with a query and no path', request('GET http://b?c HTTP/1.1', 'Host: a'), [
    'GET /?c -',
  ]),
  passes('a URL in upper case', request('GET HTTP://B:80/ HTTP/1.1', 'Host: a'), 'GET / -', {
    has: ['host: B:80'],
  }),
  passes(
    'a URL with an IPv6 address',
    request('GET http://[::1]:1/ HTTP/1.1', 'Host: a'),
    'GET / -',
    {
      has: ['host: [::1]:1'],
    },
  ),
  passes('a URL in HTTP/1.0 without a host', request('GET http://b/c HTTP/1.0'), 'GET /c -', {
    has: ['host: b'],
    ends: 'closed',
  }),
  passes(
    'a URL whose path is a URL',
    request('GET http://b/http://c/ HTTP/1.1', 'Host: a'),
    'GET /http://c/ -',
    { has: ['host: b'] },
  ),
  passes(
    'a URL whose path has two slashes',
    request('GET http://b//c HTTP/1.1', 'Host: a'),
    'GET //c -',
    { has: ['host: b'] },
  ),
]
