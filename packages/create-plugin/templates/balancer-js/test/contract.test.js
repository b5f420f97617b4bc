import { describeBalancer } from '@gatewright/testing/conformance'
import { balancer } from '../src/balancer.js'

describeBalancer(balancer, { valid: [{}, { fill: 1 }], invalid: [{ fill: 0 }] })
