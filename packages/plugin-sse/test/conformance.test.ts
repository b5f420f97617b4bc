import { describeServiceFeature } from '@gatewright/testing/conformance'
import { streaming } from '../src/index.ts'

describeServiceFeature(streaming, {
  valid: [
    {},
    {
      content_types: ['text/event-stream', 'application/vnd.acme.log+json'],
      first_byte_timeout: 0,
      idle_timeout: '1m',
      total_timeout: 0,
      disable_buffering: true,
    },
  ],
  invalid: [
    { content_types: [] },
    { content_types: ['text/*'] },
    { content_types: ['text'] },
    { first_byte_timeout: 'soon' },
    { idle_timeout: -1 },
    { disable_buffering: 'yes' },
    { idle: '1m' },
  ],
})
