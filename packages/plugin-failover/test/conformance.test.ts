import { memoryServers } from '@gatewright/testing'
import { describeServiceFeature } from '@gatewright/testing/conformance'
import { failover } from '../src/index.ts'

describeServiceFeature(failover, {
  valid: [
    { service: 'spare' },
    { service: 'spare', statuses: [502, 503], max_replay_bytes: '1MiB', recover_after: '30s' },
  ],
  invalid: [
    {},
    { service: 'nowhere' },
    { service: 'featured' },
    { service: 'spare', statuses: [200] },
    { service: 'spare', statuses: [502, 502] },
    { service: 'spare', max_replay_bytes: -1 },
    { service: 'spare', recover_after: 'soon' },
  ],
  config: { services: { spare: { load_balancer: memoryServers('c') } } },
})
