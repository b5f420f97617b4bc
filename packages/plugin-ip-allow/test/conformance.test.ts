import { describeMiddleware } from '@gatewright/testing/conformance'
import { ipAllow } from '../src/index.ts'

describeMiddleware(ipAllow, {
  valid: [
    { allowed_ips: ['127.0.0.1'] },
    { denied_ips: ['10.0.0.0/8'] },
    { allowed_ips: [' 10.0.0.5/8 ', '::1', 'fd00::/8'], denied_ips: ['10.0.0.1-10.0.0.9'] },
    { allowed_ips: ['::1'], reject_status: 404, ip_strategy: { depth: 1 } },
    { allowed_ips: ['::1'], ip_strategy: { excluded_ips: ['10.0.0.0/8'] } },
  ],
  invalid: [
    {},
    { allowed_ips: [] },
    { allowed_ips: [''] },
    { allowed_ips: ['localhost'] },
    { allowed_ips: ['10.0.0.0/33'] },
    { allowed_ips: '10.0.0.1' },
    { denied_ips: ['10.0.0.9-10.0.0.1'] },
    { denied_ips_file: '/there/is/no/such/file' },
    { allowed_ips: ['::1'], reject_status: 200 },
    { allowed_ips: ['::1'], ip_strategy: {} },
    { allowed_ips: ['::1'], ip_strategy: { depth: -1 } },
    { allowed_ips: ['::1'], ip_strategy: { depth: 1, excluded_ips: ['::1'] } },
    { allowed_ips: ['::1'], ip_strategy: { excluded_ips: ['proxy'] } },
  ],
  requests: [{ remoteAddress: '127.0.0.1' }],
  rejected: [{ remoteAddress: '127.0.0.2' }, { remoteAddress: '::1' }],
})
