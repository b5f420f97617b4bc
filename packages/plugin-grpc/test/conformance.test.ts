import { describeMiddleware } from '@gatewright/testing/conformance'
import { grpcWeb } from '../src/index.ts'
import { frame } from './frames.ts'

describeMiddleware(grpcWeb, {
  valid: [{}],
  invalid: [{ text: true }],
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web+proto' },
      body: frame('hello'),
    },
  ],
})
