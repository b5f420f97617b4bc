import { startGateway } from '@gatewright/testing'
import { describeServiceFeature } from '@gatewright/testing/conformance'
import { expect, it } from 'vitest'
import { streaming } from '../src/index.ts'

describeServiceFeature(streaming, {
  valid: [
    {},
    {
      content_types: ['text/event-stream', 'application/vnd.acme.log+json'],
      first_byte_timeout: 0,
      idle_timeout: '1m',
      total_timeout: 0,
      disable_buffering: true,
    },
  ],
  invalid: [
    { content_types: [] },
    { content_types: ['text/*'] },
    { content_types: ['text'] },
    { first_byte_timeout: 'soon' },
    { idle_timeout: -1 },
    { disable_buffering: 'yes' },
    { idle: '1m' },
  ],
})

it('is refused for connections, which have no responses', async () => {
  const started = startGateway(`
    entrypoints "tcp" {
      protocol = "tcp"
      address  = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "HostSNI(\`*\`)"
      service = "all"
    }
    services "all" {
      load_balancer {
        servers = [{ url = "tcp://127.0.0.1:1" }]
      }
      streaming {}
    }`)

  await expect(started).rejects.toThrow('"streaming" of service "all" does nothing')
})
