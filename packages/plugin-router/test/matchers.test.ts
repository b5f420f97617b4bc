import { describe, expect, it } from 'vitest'
import { compileRouters, exchangeOf, matches, type TestRequest } from './test-routing.ts'

type Row = readonly [rule: string, request: TestRequest, expected: boolean]

const host: readonly Row[] = [
  ['Host(`example.com`)', { host: 'example.com' }, true],
  ['Host(`example.com`)', { host: 'EXAMPLE.COM' }, true],
  ['Host(`Example.COM.`)', { host: 'example.com' }, true],
  ['Host(`example.com`)', { host: 'other.com' }, false],
  ['Host(`example.com`)', { host: '' }, false],
  ['Host(`example.com`)', { host: 'example.com:8443' }, true],
  ['Host(`example.com`)', { host: 'example.com.' }, true],
  ['Host(`example.com`)', { host: 'example.com.:8443' }, true],
  ['Host(`example.com`)', { host: 'www.example.com' }, false],
  ['Host(`[::1]`)', { host: '[::1]:8080' }, true],
  ['Host(`[::1]`)', { host: '[::1]' }, true],
  ['Host(`[::1]`)', { host: '[::2]' }, false],
  ['Host(`*.a.com`)', { host: 'x.a.com' }, true],
  ['Host(`*.a.com`)', { host: 'x.a.com:80' }, true],
  ['Host(`*.a.com`)', { host: 'x.y.a.com' }, false],
  ['Host(`*.a.com`)', { host: 'a.com' }, false],
  ['Host(`*.a.com`)', { host: '.a.com' }, false],
  ['!Host(`*.a.com`)', { host: '.a.com' }, true],
  ['!Host(`*.a.com`)', { host: 'x.a.com' }, false],
  ['Host(`*`)', { host: 'anything' }, true],
  ['Host(`*`)', { host: '' }, true],
  ['Host(`a`, `b`)', { host: 'b' }, true],
  ['Host(`a`, `b`)', { host: 'c' }, false],
  ['Host(`xn--bcher-kva.de`)', { host: 'xn--bcher-kva.de' }, true],
  ['Host(`a.com:8443`)', { host: 'a.com:8443' }, true],
  ['Host(`a.com:8443`)', { host: 'a.com:80' }, false],
  ['Host(`a.com:8443`)', { host: 'a.com' }, false],
  ['Host(`a.com:80`)', { host: 'a.com' }, true],
  ['Host(`a.com:443`)', { host: 'a.com', encrypted: true }, true],
  ['Host(`a.com:443`)', { host: 'a.com' }, false],
  ['Host(`*.a.com:81`)', { host: 'x.a.com:81' }, true],
  ['Host(`*:81`)', { host: 'b.com:81' }, true],
  ['Host(`*:81`)', { host: 'b.com:82' }, false],
  ['Host(`[::1]:81`)', { host: '[::1]:81' }, true],
  ['HostRegexp(`^[a-z]+\\.example\\.com$`)', { host: 'api.example.com:8080' }, true],
  ['HostRegexp(`^[a-z]+\\.example\\.com$`)', { host: 'api.example.com.evil' }, false],
  ['HostRegexp(`example`)', { host: 'my.example.org' }, true],
]

const path: readonly Row[] = [
  ['Path(`/health`)', { target: '/health' }, true],
  ['Path(`/health`)', { target: '/health/check' }, false],
  ['Path(`/health`)', { target: '/health/' }, false],
  ['Path(`/health`)', { target: '/health?x=1' }, true],
  ['Path(`/health`)', { target: '/Health' }, false],
  ['Path(`/health`)', { target: '/health#top' }, true],
  ['PathPrefix(`/api`)', { target: '/api' }, true],
  ['PathPrefix(`/api`)', { target: '/api/users/123' }, true],
  ['PathPrefix(`/api`)', { target: '/other' }, false],
  ['PathPrefix(`/api`)', { target: '/apix' }, true],
  ['Path(`/api`) || PathPrefix(`/api/`)', { target: '/apix' }, false],
  ['Path(`/api`) || PathPrefix(`/api/`)', { target: '/api' }, true],
  ['PathPrefix(`/a`, `/b`)', { target: '/bc' }, true],
  ['PathPrefix(`/foo bar`)', { target: '/foo%20bar/x' }, true],
  ['PathPrefix(`/foo%20bar`)', { target: '/foo%20bar/x' }, true],
  ['Path(`/foo/bar`)', { target: '/foo%2Fbar' }, false],
  ['Path(`/foo%2fbar`)', { target: '/foo%2Fbar' }, true],
  ['Path(`/café`)', { target: '/caf%C3%A9' }, true],
  ['PathRegexp(`/users/[0-9]+$`)', { target: '/api/users/7?x' }, true],
  ['PathRegexp(`/users/[0-9]+$`)', { target: '/api/users/x' }, false],
  ['PathRegexp(`(?i)^/API`)', { target: '/api' }, true],
  ['PathRegexp(`a b`)', { target: '/a%20b' }, true],
  ['PathPrefix(`/`)', { method: 'OPTIONS', target: '*' }, false],
  ['!PathPrefix(`/`)', { method: 'OPTIONS', target: '*' }, true],
  ['PathRegexp(`.*`)', { method: 'OPTIONS', target: '*' }, false],
  ['Method(`OPTIONS`)', { method: 'OPTIONS', target: '*' }, true],
]

const method: readonly Row[] = [
  ['Method(`POST`)', { method: 'POST' }, true],
  ['Method(`POST`)', { method: 'post' }, true],
  ['Method(`post`)', { method: 'POST' }, true],
  ['Method(`POST`)', { method: 'GET' }, false],
  ['Method(`POST`)', { method: 'PATCH' }, false],
  ['Method(`PUT`,`GET`)', { method: 'GET' }, true],
]

const header: readonly Row[] = (['Header', 'Headers'] as const).flatMap((name): Row[] => [
  [`${name}(\`X-Custom\`,\`value\`)`, { headers: [['x-custom', 'value']] }, true],
  [`${name}(\`X-Custom\`,\`value\`)`, { headers: [['X-CUSTOM', 'other']] }, false],
  [`${name}(\`X-Custom\`,\`value\`)`, { headers: [['x-custom', 'Value']] }, false],
  [`${name}(\`X-Custom\`,\`value\`)`, {}, false],
  [
    `${name}(\`X-Custom\`,\`value\`)`,
    {
      headers: [
        ['x-custom', 'a'],
        ['x-custom', 'value'],
      ],
    },
    true,
  ],
  [
    `${name}(\`X-Custom\`,\`a, value\`)`,
    {
      headers: [
        ['x-custom', 'a'],
        ['x-custom', 'value'],
      ],
    },
    false,
  ],
  [`${name}(\`X-Custom\`,\`\`)`, { headers: [['x-custom', '']] }, true],
  [`${name}(\`X-Custom\`,\`\`)`, {}, false],
])

const headerRegexp: readonly Row[] = (['HeaderRegexp', 'HeadersRegexp'] as const).flatMap(
  (name): Row[] => [
    [`${name}(\`Accept\`,\`json$\`)`, { headers: [['Accept', 'application/json']] }, true],
    [`${name}(\`Accept\`,\`json$\`)`, { headers: [['Accept', 'text/html']] }, false],
    [
      `${name}(\`Accept\`,\`json$\`)`,
      {
        headers: [
          ['Accept', 'a'],
          ['Accept', 'x/json'],
        ],
      },
      true,
    ],
    [`${name}(\`Accept\`,\`.*\`)`, {}, false],
  ],
)

const query: readonly Row[] = [
  ['Query(`mobile`)', { target: '/?mobile' }, true],
  ['Query(`mobile`)', { target: '/?mobile=' }, true],
  ['Query(`mobile`)', { target: '/?mobile=1' }, false],
  ['Query(`mobile`)', { target: '/?mobile=1&mobile' }, true],
  ['Query(`mobile`)', { target: '/mobile' }, false],
  ['Query(`mobile`)', { target: '/?xmobile' }, false],
  ['Query(`mobile`)', { target: '/?mobilex' }, false],
  ['Query(`mobile`,`yes`)', { target: '/?a=b&mobile=yes' }, true],
  ['Query(`mobile`,`yes`)', { target: '/?mobile=yes&a=b' }, true],
  ['Query(`mobile`,`yes`)', { target: '/?mobile=no&mobile=yes' }, true],
  ['Query(`mobile`,`yes`)', { target: '/?mobile=yess' }, false],
  ['Query(`mobile`,`yes`)', { target: '/?mobile=ye' }, false],
  ['Query(`mobile`,`yes`)', { target: '/?mobile=%79e%73' }, true],
  ['Query(`mobile`,`yes`)', { target: '/?m%6Fbile=yes' }, true],
  ['Query(`q`,`a b`)', { target: '/?q=a+b' }, true],
  ['Query(`q`,`a b`)', { target: '/?q=a%20b' }, true],
  ['Query(`q`,`a+b`)', { target: '/?q=a%2Bb' }, true],
  ['Query(`q`,`a&b`)', { target: '/?q=a%26b' }, true],
  ['Query(`q`,`a=b`)', { target: '/?q=a=b' }, true],
  ['Query(`q`,`é`)', { target: '/?q=%C3%A9' }, true],
  ['Query(`q`,`a`)', { target: '/?q=a%' }, false],
  ['Query(`q`,`a`)', { target: '/?q=a%6' }, false],
  ['Query(`q`,`a`)', { target: '/?q=%zz&q=a' }, true],
  ['Query(`q`,`a`)', { target: '/?&&q=a&' }, true],
  ['Query(`q`,`a`)', { target: '/?q=a#f' }, true],
  ['Query(`q`,`a`)', { target: '/#?q=a' }, false],
  ['QueryRegexp(`id`,`^[0-9]+$`)', { target: '/?id=17' }, true],
  ['QueryRegexp(`id`,`^[0-9]+$`)', { target: '/?id=x&id=17&z=1' }, true],
  ['QueryRegexp(`id`,`^[0-9]+$`)', { target: '/?id=17x' }, false],
  ['QueryRegexp(`id`,`^a b$`)', { target: '/?id=a+b' }, true],
  ['QueryRegexp(`id`,`^a b$`)', { target: '/?id=%61%20b' }, true],
  ['QueryRegexp(`id`,`a`)', { target: '/?id=a%' }, false],
  ['QueryRegexp(`id`,`^$`)', { target: '/?id' }, true],
]

const clientIp: readonly Row[] = [
  ['ClientIP(`10.0.0.1`)', { client: '10.0.0.1' }, true],
  ['ClientIP(`10.0.0.1`)', { client: '10.0.0.2' }, false],
  ['ClientIP(`10.0.0.0/8`)', { client: '10.200.3.4' }, true],
  ['ClientIP(`10.0.0.0/8`)', { client: '11.0.0.1' }, false],
  ['ClientIP(`10.1.2.3/8`)', { client: '10.200.3.4' }, true],
  ['ClientIP(`10.0.0.0/8`)', { client: '::ffff:10.1.1.1' }, true],
  ['ClientIP(`192.168.0.0/16`,`::1`)', { client: '::1' }, true],
  ['ClientIP(`2001:db8::/32`)', { client: '2001:db8:1::5' }, true],
  ['ClientIP(`2001:db8::/32`)', { client: '2001:db9::1' }, false],
  ['ClientIP(`fe80::/10`)', { client: 'fe80::1%eth0' }, true],
  ['ClientIP(`0.0.0.0/0`)', { client: '203.0.113.9' }, true],
  ['ClientIP(`0.0.0.0/0`)', { client: '::1' }, false],
  ['ClientIP(`::/0`)', { client: '203.0.113.9' }, false],
  ['ClientIP(`::/0`)', { client: '2001:db8::1' }, true],
  ['ClientIP(`10.0.0.1`)', { client: '' }, false],
]

const together: readonly Row[] = [
  ['Host(`api.com`) && PathPrefix(`/v1`)', { host: 'api.com', target: '/v1/x' }, true],
  ['Host(`api.com`) && PathPrefix(`/v1`)', { host: 'api.com', target: '/v2' }, false],
  ['Host(`api.com`) && PathPrefix(`/v1`)', { host: 'b.com', target: '/v1' }, false],
  ['Host(`api.com`) && PathPrefix(`/v1`)', { host: 'b.com', target: '/' }, false],
  [
    'Host(`api.com`) && PathPrefix(`/v1`) && Method(`GET`)',
    { host: 'api.com', target: '/v1', method: 'POST' },
    false,
  ],
  [
    'Host(`api.com`) && PathPrefix(`/v1`) && Method(`GET`)',
    { host: 'api.com', target: '/v1' },
    true,
  ],
  ['(Host(`a`) || Host(`b`)) && !Path(`/x`)', { host: 'a', target: '/y' }, true],
  ['(Host(`a`) || Host(`b`)) && !Path(`/x`)', { host: 'b', target: '/x' }, false],
  ['(Host(`a`) || Host(`b`)) && !Path(`/x`)', { host: 'c', target: '/y' }, false],
  ['(Host(`a`) && Method(`GET`)) || Host(`b`)', { host: 'a', method: 'POST' }, false],
  ['(Host(`a`) && Method(`GET`)) || Host(`b`)', { host: 'a' }, true],
  ['(Host(`a`) && Method(`GET`)) || Host(`b`)', { host: 'b', method: 'POST' }, true],
  ['(Path(`/a`) && Method(`GET`)) || Path(`/b`)', { target: '/a', method: 'POST' }, false],
  ['Host(`a`) && Host(`b`)', { host: 'a' }, false],
  ['Host(`a`) || Path(`/b`)', { host: 'c', target: '/b' }, true],
  ['PathPrefix(`/a`) && Path(`/ab`)', { target: '/ab' }, true],
  ['PathPrefix(`/a`) && Path(`/b`)', { target: '/b' }, false],
]

describe.each([
  ['Host and HostRegexp', host],
  ['Path, PathPrefix and PathRegexp', path],
  ['Method', method],
  ['Header', header],
  ['HeaderRegexp', headerRegexp],
  ['Query and QueryRegexp', query],
  ['ClientIP', clientIp],
  ['several matchers', together],
])('%s', (_, rows) => {
  it.each(rows)('%s on %j: %s', (rule, request, expected) => {
    expect(matches(rule, request)).toBe(expected)
  })
})

describe('a matcher that another plugin has taken from the registry', () => {
  it.each([
    ['Path', '/new', { target: '/old' }],
    ['Host', 'new.com', { host: 'old.com' }],
  ])('sees the request as it is: %s', (type, arg, request) => {
    const { findRoute, matchers } = compileRouters({ any: 'PathPrefix(`/`)' })
    const test = matchers.get(type).compile([arg])
    const exchange = exchangeOf(request)
    findRoute(exchange)

    exchange.request.path = '/n%65w'
    exchange.request.authority = 'new.com:80'

    expect(test(exchange)).toBe(true)
    expect(test(exchangeOf(request))).toBe(false)
  })
})
