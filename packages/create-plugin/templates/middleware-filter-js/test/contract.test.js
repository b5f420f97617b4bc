import { describeMiddleware } from '@gatewright/testing/conformance'
import { middleware } from '../src/middleware.js'

describeMiddleware(middleware, {
  valid: [{}, { methods: ['GET'], note: 'good day' }],
  invalid: [{ methods: [] }, { methods: ['get'] }],
  rejected: [{ method: 'DELETE' }],
})
