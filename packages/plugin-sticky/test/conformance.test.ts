import { describeServiceFeature } from '@gatewright/testing/conformance'
import { sticky } from '../src/index.ts'

const secret = 'a long text that nobody can guess'

describeServiceFeature(sticky, {
  valid: [{ cookie: 'server', mode: 'table', ttl: '8h' }],
  invalid: [],
})

describeServiceFeature(sticky, {
  valid: [
    { cookie: 'server', secret, ttl: '8h', on_unhealthy: 'fail' },
    { cookie: 'server' },
    { cookie: 'server', ttl: 0, refresh: false },
    { cookie: 'server', mode: 'table', max_sessions: 10, ttl: '7d' },
    { header: 'X-Session' },
    { cookie: '__Host-server', secure: true, same_site: 'none', partitioned: true },
    { cookie: '__Secure-server', secure: true, path: '/shop', domain: 'shop.example' },
  ],
  invalid: [
    {},
    { cookie: 'a b' },
    { cookie: '' },
    { cookie: 'server', header: 'X-Session' },
    { header: 'X-Session', ttl: '2h' },
    { header: 'X-Session', secret },
    { header: 'not a name' },
    { cookie: 'server', max_sessions: 10 },
    { cookie: 'server', mode: 'table', max_sessions: 0 },
    { cookie: 'server', mode: 'elsewhere' },
    { cookie: 'server', secret: 'short' },
    { cookie: 'server', ttl: 'soon' },
    { cookie: 'server', secure: 'yes' },
    { cookie: 'server', same_site: 'none' },
    { cookie: 'server', same_site: 'none', secure: false },
    { cookie: 'server', partitioned: true },
    { cookie: '__Secure-server' },
    { cookie: '__host-server' },
    { cookie: '__Host-server', secure: true, path: '/shop' },
    { cookie: '__Host-server', secure: true, domain: 'shop.example' },
    { cookie: 'server', path: 'shop' },
    { cookie: 'server', path: '/; Domain=evil.example' },
    { cookie: 'server', domain: 'shop.example; Path=/' },
  ],
})
