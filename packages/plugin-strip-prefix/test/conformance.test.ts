import { describeMiddleware } from '@gatewright/testing/conformance'
import { stripPrefix } from '../src/index.ts'

describeMiddleware(stripPrefix, {
  valid: [
    { prefixes: ['/api'] },
    {},
    { prefixes: ['/', '/api/', '/apps/*', '/*'], strict: true, match: 'longest' },
  ],
  invalid: [
    { prefixes: '/api' },
    { prefixes: ['api'] },
    { prefixes: ['/a/*/b'] },
    { prefixes: ['/api'], strict: 'yes' },
    { prefixes: ['/api'], match: 'last' },
  ],
  requests: [{ target: '/api/users' }],
  rejected: [{ target: '/api../admin' }],
})
