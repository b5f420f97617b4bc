import { describeServiceFeature } from '@gatewright/testing/conformance'
import { webSocketBounds } from '../src/index.ts'

describeServiceFeature(webSocketBounds, {
  valid: [{}, { idle_timeout: 0 }, { idle_timeout: '5m' }],
  invalid: [{ idle_timeout: -1 }, { idle_timeout: 'soon' }, { idle: '1m' }],
})
