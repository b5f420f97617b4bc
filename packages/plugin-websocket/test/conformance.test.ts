import { describeServiceFeature } from '@gatewright/testing/conformance'
import { webSocketFeature } from '../src/index.ts'

describeServiceFeature(
  webSocketFeature(() => []),
  {
    valid: [
      {},
      { idle_timeout: 0 },
      { idle_timeout: '5m' },
      { mux: true },
      { mux: { echo: false, rate: 0, ping_interval: 0 } },
    ],
    invalid: [
      { idle_timeout: -1 },
      { idle_timeout: 'soon' },
      { idle: '1m' },
      { mux: { max_channels: 0 } },
      { mux: { burst: 0 } },
      { mux: 'yes' },
    ],
  },
)
