import { describeServiceFeature } from '@gatewright/testing/conformance'
import { feature } from '../src/feature.js'

describeServiceFeature(feature, {
  valid: [{}, { header: 'x-server' }],
  invalid: [{ header: 'X Server' }],
})
