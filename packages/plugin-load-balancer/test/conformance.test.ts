import { describeBalancer, describeServiceFeature } from '@gatewright/testing/conformance'
import {
  consistentHash,
  ipHash,
  leastConnections,
  leastLatency,
  panicThreshold,
  random,
  randomTwoChoices,
  roundRobin,
  slowStart,
  weighted,
} from '../src/index.ts'

describeBalancer(roundRobin)
describeBalancer(weighted)
describeBalancer(leastConnections)
describeBalancer(random)
describeBalancer(randomTwoChoices)
describeBalancer(ipHash)

describeBalancer(consistentHash, {
  valid: [
    {},
    { hash_on: 'client_ip', hash_missing: 'random', load_factor: 1.25 },
    { hash_on: 'path', load_factor: 1 },
    { hash_on: 'header:X-User' },
    { hash_on: 'cookie:sid', hash_missing: 'random' },
    { hash_on: 'query:room' },
  ],
  invalid: [
    { hash_on: 'header' },
    { hash_on: 'header:' },
    { hash_on: 'header:a b' },
    { hash_on: 'colour' },
    { hash_missing: 'first' },
    { load_factor: 0.9 },
    { load_factor: '1.25' },
    { decay: '10s' },
  ],
})

describeBalancer(leastLatency, {
  valid: [{}, { decay: '1m' }],
  invalid: [{ decay: 0 }, { decay: 'soon' }, { hash_on: 'client_ip' }],
})

describeServiceFeature(slowStart, {
  valid: ['30s', 30, 0],
  invalid: ['soon', -1, true],
})

describeServiceFeature(panicThreshold, {
  valid: [50, 0, 100],
  invalid: [-1, 101, 0.5, '50'],
})
