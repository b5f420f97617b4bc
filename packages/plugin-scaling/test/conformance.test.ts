import { describeServiceFeature } from '@gatewright/testing/conformance'
import { scaling } from '../src/index.ts'

describeServiceFeature(scaling, {
  valid: [
    { container_concurrency: 2, queue_timeout: '2s', queue_size: 10 },
    {},
    { container_concurrency: 1 },
  ],
  invalid: [
    { container_concurrency: -1 },
    { container_concurrency: 1, queue_size: 0 },
    { container_concurrency: 1, queue_timeout: 'soon' },
    { queue_timeout: '1s' },
  ],
})
