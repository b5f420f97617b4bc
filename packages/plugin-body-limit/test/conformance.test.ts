import { describeMiddleware } from '@gatewright/testing/conformance'
import { bodyLimit } from '../src/index.ts'

describeMiddleware(bodyLimit, {
  valid: [
    { max_body_bytes: 8 },
    { max_body_bytes: '1MiB', max_header_bytes: '8KiB' },
    { max_body_bytes: '10MB' },
  ],
  invalid: [
    {},
    { max_body_bytes: 0 },
    { max_body_bytes: -1 },
    { max_body_bytes: 1.5 },
    { max_body_bytes: 'much' },
    { max_body_bytes: 8, max_header_bytes: 0 },
    { max_header_bytes: 8 },
  ],
  requests: [{ method: 'POST', body: '12345678' }],
  rejected: [{ method: 'POST', body: '123456789' }],
})
