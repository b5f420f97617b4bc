import { describeMiddleware } from '@gatewright/testing/conformance'
import { middleware } from '../src/middleware.ts'

describeMiddleware(middleware, { valid: [{}, { max: 1 }], invalid: [{ max: 0 }] })
