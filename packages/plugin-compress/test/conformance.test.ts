import { describeMiddleware } from '@gatewright/testing/conformance'
import { compress } from '../src/index.ts'

describeMiddleware(compress, {
  valid: [
    {},
    { encodings: ['zstd', 'deflate'], min_bytes: 0, level: { br: 9, zstd: 1 } },
    { content_types: ['*/*'], excluded_content_types: [], flush_interval: '1s', max_encoders: 1 },
  ],
  invalid: [
    { encodings: [] },
    { encodings: ['gzip', 'gzip'] },
    { encodings: ['compress'] },
    { min_bytes: -1 },
    { level: { br: 11 } },
    { level: { gzip: 0 } },
    { level: 6 },
    { content_types: [] },
    { content_types: ['json'] },
    { content_types: ['text/*; charset=utf-8'] },
    { excluded_content_types: ['*'] },
    { flush_interval: '0s' },
    { max_encoders: 0 },
  ],
  requests: [
    {
      headers: { 'accept-encoding': 'gzip' },
      upstream: { headers: { 'content-type': 'text/plain' }, body: 'a'.repeat(2048) },
    },
  ],
})
