import { describeServiceFeature } from '@gatewright/testing/conformance'
import { feature } from '../src/feature.ts'

describeServiceFeature(feature, {
  valid: [{}, { header: 'x-server' }],
  invalid: [{ header: 'X Server' }],
})
