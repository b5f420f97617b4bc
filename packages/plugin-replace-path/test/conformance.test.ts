import { describeMiddleware } from '@gatewright/testing/conformance'
import { replacePath } from '../src/index.ts'

describeMiddleware(replacePath, {
  valid: [{ path: '/new', original_header: 'X-Replaced-Path' }, { path: '/' }],
  invalid: [
    {},
    { path: '' },
    { path: 'new' },
    { path: '/a?b' },
    { path: '/a b' },
    { path: '/new', original_header: 'bad name' },
    { path: '/new', original_header: 'Host' },
  ],
  requests: [{ target: '/users' }],
  ownFields: ['x-replaced-path'],
})
