import { describeMiddleware } from '@gatewright/testing/conformance'
import { middleware } from '../src/middleware.js'

describeMiddleware(middleware, { valid: [{}, { max: 1 }], invalid: [{ max: 0 }] })
