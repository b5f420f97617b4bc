import { createHmac } from 'node:crypto'
import { describeMiddleware } from '@gatewright/testing/conformance'
import { jwt } from '../src/index.ts'

const value = 'a-secret-of-at-least-thirty-two-bytes'

describeMiddleware(jwt, {
  valid: [
    { value },
    {
      secrets: [value, 'short'],
      algorithms: ['HS512'],
      issuers: ['https://login.example.com/'],
      audiences: ['api'],
      types: ['at+jwt'],
      scopes: ['read', 'api:write'],
      required_claims: [],
      claims: { 'realm_access.roles': 'admin' },
      leeway: 0,
      sources: ['header:X-Token', 'cookie:session', 'query:access_token'],
      allow_raw: true,
      forward_claims: {},
      remove_token: true,
      max_token_bytes: '4KiB',
      realm: 'api',
    },
    { jwks_url: 'http://127.0.0.1:1/jwks.json', jwks_refresh: '1h', jwks_cooldown: 5 },
  ],
  invalid: [
    {},
    { value: '' },
    { secrets: [''] },
    { value: '-----BEGIN PUBLIC KEY-----' },
    { public_keys: ['x'] },
    { public_keys: ['-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n'] },
    { public_key_files: ['/nonexistent/key.pem'] },
    { jwks_file: '/nonexistent/jwks.json' },
    { jwks_url: 'file:///etc/jwks.json' },
    { jwks_url: 'https://user:100%25%zz@login.example.com/' },
    { value, algorithms: ['none'] },
    { value, algorithms: [] },
    { value, algorithms: ['RS256'] },
    { value, sources: ['body:token'] },
    { value, header: 'Authorization', sources: ['cookie:token'] },
    { value, forward_claims: { 'bad name': 'sub' } },
    { value, forward_claims: { 'x-a': '' } },
    { value, forward_claims: { 'Content-Length': 'sub' } },
    { value, realm: 'a"b' },
    { value, leeway: 'long' },
    { value, scopes: ['read write'] },
    { value, scopes: ['re"ad'] },
    { value, types: [''] },
  ],
  requests: [{ headers: { authorization: `Bearer ${token()}` } }],
  ownFields: ['x-jwt-subject'],
  rejected: [{}, { headers: { authorization: 'Bearer a.b.c' } }],
})

function token(): string {
  const [header, claims] = [{ alg: 'HS256' }, { sub: 'user-123', exp: 4_102_444_800 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const mac = createHmac('sha256', value).update(`${header}.${claims}`).digest('base64url')
  return `${header}.${claims}.${mac}`
}
