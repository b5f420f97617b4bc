import { describeTransport } from '@gatewright/testing/conformance'
import { httpTransport } from '../src/index.ts'

describeTransport(httpTransport, {
  valid: [
    {},
    {
      connect_timeout: '1s',
      request_timeout: 1000,
      stream_idle_timeout: 0,
      stream_total_timeout: '0',
      pass_host_header: false,
      max_connections_per_server: 4,
    },
    { pipeline: true },
    { pipeline: { connections: 4, depth: 100, head_of_line: '10ms' } },
  ],
  invalid: [
    { connect_timeout: 'soon' },
    { request_timeout: 0 },
    { max_connections_per_server: -1 },
    { pass_host_header: 'yes' },
    { pipeline: 'yes' },
    { pipeline: { depth: 0 } },
  ],
})
