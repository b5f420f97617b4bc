import { describeMiddleware } from '@gatewright/testing/conformance'
import { addPrefix } from '../src/index.ts'

describeMiddleware(addPrefix, {
  valid: [{ prefix: '/shop' }, { prefix: '/shop/' }, { prefix: '/a/b%20c' }],
  invalid: [
    {},
    { prefix: '' },
    { prefix: '/' },
    { prefix: 'shop' },
    { prefix: '/a?b' },
    { prefix: '/a b' },
    { prefix: '/a\r\nb' },
  ],
  requests: [{ target: '/users' }],
  rejected: [{ target: '/../users' }],
})
