import { describeMiddleware } from '@gatewright/testing/conformance'
import { redirect } from '../src/index.ts'

describeMiddleware(redirect, {
  valid: [
    { scheme: 'https' },
    { host: 'www.example.com' },
    { scheme: 'https', host: '[2001:db8::1]', port: 8443, path: '/new/place', status: 308 },
    { path: '/' },
  ],
  invalid: [
    {},
    { status: 301 },
    { scheme: 'ftp' },
    { host: 'www.example.com:80' },
    { host: 'a b' },
    { port: 0 },
    { path: 'relative' },
    { path: '/a?b' },
    { path: '/a\r\nset-cookie: b' },
    { scheme: 'https', status: 200 },
    { scheme: 'https', status: 304 },
  ],
  requests: [{ encrypted: true }],
  rejected: [{ headers: { host: '' } }],
})
